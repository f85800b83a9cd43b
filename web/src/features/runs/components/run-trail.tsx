import { useQuery } from '@tanstack/react-query';
import type { Run } from '@/api/generated/types.gen';
import { type Place, Trail } from '@/ui/trail';
import { projectOfRunOptions, runNodeOptions } from '../queries';
import { sentenceCase, variantLabel } from '../wording';

/** From a run or its replay up to its world version, its project and all projects. */
export function RunTrail({ run, replay = false }: { run: Run; replay?: boolean }) {
  const node = useQuery(runNodeOptions(run.node_id));
  const project = useQuery(projectOfRunOptions(run.project_id));
  const projectId = run.project_id;
  const universe = { to: '/projects/$projectId/universe', params: { projectId } } as const;
  const places: Place[] = [
    { label: 'Projects', to: '/projects' },
    { label: project.data?.name ?? 'Project', ...universe },
    {
      label: sentenceCase(node.data?.label ?? 'World version'),
      ...universe,
      search: { node: run.node_id },
    },
  ];
  const label = `Run ${variantLabel[run.variant]}`;
  if (!replay) return <Trail places={places} here={label} />;
  const up: Place = { label, to: '/runs/$runId', params: { runId: run.id } };
  return <Trail places={[...places, up]} here="Replay" />;
}
