import { createFileRoute } from '@tanstack/react-router';
import { ComparePage } from '@/features/comparisons/pages/compare-page';
import { ReportPage } from '@/features/comparisons/pages/report-page';
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
  const search = Route.useSearch();
  const Shown = search.report ? ReportPage : ComparePage;
  return <Shown projectId={projectId} search={search} />;
}
