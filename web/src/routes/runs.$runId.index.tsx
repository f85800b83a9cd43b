import { createFileRoute } from '@tanstack/react-router';
import { RunPage } from '@/features/runs/pages/run-page';
import { runOptions } from '@/features/runs/queries';

export const Route = createFileRoute('/runs/$runId/')({
  loader: ({ context: { queryClient }, params: { runId } }) => {
    void queryClient.prefetchQuery(runOptions(runId));
  },
  component: RunRoute,
});

function RunRoute() {
  return <RunPage runId={Route.useParams().runId} />;
}
