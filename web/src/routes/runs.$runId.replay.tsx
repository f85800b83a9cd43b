import { createFileRoute } from '@tanstack/react-router';
import { ReplayPage } from '@/features/runs/pages/replay-page';
import { frameLayoutOptions, runOptions, telemetryOptions } from '@/features/runs/queries';
import { readReplaySearch } from '@/features/runs/search';

export const Route = createFileRoute('/runs/$runId/replay')({
  validateSearch: readReplaySearch,
  loader: ({ context: { queryClient }, params: { runId } }) => {
    void queryClient.prefetchQuery(runOptions(runId));
    void queryClient.prefetchQuery(telemetryOptions(runId));
    void queryClient.prefetchQuery(frameLayoutOptions(runId));
  },
  component: ReplayRoute,
});

function ReplayRoute() {
  const { runId } = Route.useParams();
  return <ReplayPage key={runId} runId={runId} search={Route.useSearch()} />;
}
