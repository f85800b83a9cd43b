import { createFileRoute } from '@tanstack/react-router';
import { SweepPage } from '@/features/asks/pages/sweep-page';
import { readSweepSearch } from '@/features/asks/search';
import { projectOptions } from '@/features/universe/queries';

export const Route = createFileRoute('/projects/$projectId/sweep')({
  validateSearch: readSweepSearch,
  loader: ({ context: { queryClient }, params: { projectId } }) =>
    void queryClient.prefetchQuery(projectOptions(projectId)),
  component: SweepRoute,
});

function SweepRoute() {
  const { projectId } = Route.useParams();
  return <SweepPage projectId={projectId} search={Route.useSearch()} />;
}
