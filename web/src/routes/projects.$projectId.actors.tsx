import { createFileRoute } from '@tanstack/react-router';
import { ActorsPage } from '@/features/hybrids/pages/actors-page';
import { readActorsSearch } from '@/features/hybrids/search';
import { graphOptions, projectOptions, registryOptions } from '@/features/universe/queries';

export const Route = createFileRoute('/projects/$projectId/actors')({
  validateSearch: readActorsSearch,
  loader: ({ context: { queryClient }, params: { projectId } }) => {
    void queryClient.prefetchQuery(projectOptions(projectId));
    void queryClient.prefetchQuery(graphOptions(projectId));
    void queryClient.prefetchQuery(registryOptions(projectId));
  },
  component: ActorsRoute,
});

function ActorsRoute() {
  const { projectId } = Route.useParams();
  return <ActorsPage key={projectId} projectId={projectId} search={Route.useSearch()} />;
}
