import { createFileRoute } from '@tanstack/react-router';
import { ComparePage } from '@/features/comparisons/pages/compare-page';
import { readCompareSearch } from '@/features/comparisons/search';
import { graphOptions, projectOptions, registryOptions } from '@/features/universe/queries';

export const Route = createFileRoute('/projects/$projectId/compare')({
  validateSearch: readCompareSearch,
  loader: ({ context: { queryClient }, params: { projectId } }) => {
    void queryClient.prefetchQuery(projectOptions(projectId));
    void queryClient.prefetchQuery(graphOptions(projectId));
    void queryClient.prefetchQuery(registryOptions(projectId));
  },
  component: CompareRoute,
});

function CompareRoute() {
  const { projectId } = Route.useParams();
  return <ComparePage projectId={projectId} search={Route.useSearch()} />;
}
