import { createFileRoute } from '@tanstack/react-router';
import { asksOptions } from '@/features/asks/queries';
import { prefetchOutcome } from '@/features/comparisons/queries';
import { UniversePage } from '@/features/projects/pages/universe-page';
import { readUniverseSearch } from '@/features/projects/universe-search';
import { graphOptions, projectOptions, registryOptions } from '@/features/universe/queries';

export const Route = createFileRoute('/projects/$projectId/universe')({
  validateSearch: readUniverseSearch,
  loader: ({ context: { queryClient }, params: { projectId } }) => {
    void queryClient.prefetchQuery(projectOptions(projectId));
    void queryClient.prefetchQuery(graphOptions(projectId));
    // A failure shows where the page itself asks again.
    prefetchOutcome(queryClient, projectId).catch(() => undefined);
    void queryClient.prefetchQuery(registryOptions(projectId));
    void queryClient.prefetchQuery(asksOptions(projectId));
  },
  component: UniverseRoute,
});

function UniverseRoute() {
  const { projectId } = Route.useParams();
  return <UniversePage key={projectId} projectId={projectId} search={Route.useSearch()} />;
}
