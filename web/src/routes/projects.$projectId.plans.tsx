import { createFileRoute } from '@tanstack/react-router';
import { PlansPage } from '@/features/plans/pages/plans-page';
import { readPlansSearch } from '@/features/plans/search';
import { projectOptions, registryOptions } from '@/features/universe/queries';

export const Route = createFileRoute('/projects/$projectId/plans')({
  validateSearch: readPlansSearch,
  loader: ({ context: { queryClient }, params: { projectId } }) => {
    void queryClient.prefetchQuery(projectOptions(projectId));
    void queryClient.prefetchQuery(registryOptions(projectId));
  },
  component: PlansRoute,
});

function PlansRoute() {
  const { projectId } = Route.useParams();
  return <PlansPage key={projectId} projectId={projectId} search={Route.useSearch()} />;
}
