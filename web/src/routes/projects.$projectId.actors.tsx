import { createFileRoute } from '@tanstack/react-router';
import { readActorsSearch } from '@/features/universe/hybrid-search';
import { ActorsPage } from '@/features/universe/pages/actors-page';
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
