import { createFileRoute } from '@tanstack/react-router';
import { RunsPage } from '@/features/universe/pages/runs-page';

export const Route = createFileRoute('/projects/$projectId/runs')({ component: RunsRoute });

function RunsRoute() {
  return <RunsPage projectId={Route.useParams().projectId} />;
}
