import { useQuery } from '@tanstack/react-query';
import type { Project } from '@/api/generated/types.gen';
import { RunBar } from '@/features/runs';
import { count, duration } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Panel } from '@/ui/panel';
import { ErrorState } from '@/ui/states';
import { nodeOptions, useRefreshUniverse, useRunNode } from '../queries';

const endings: Partial<Record<Project['baseline_status'], string>> = {
  failed: 'The baseline failed. Run it again',
  cancelled: 'The baseline was cancelled. Run it again',
};

/** The one thing to do in a new project. Nothing else can be asked before it. */
export function BaselineCard({ project }: { project: Project }) {
  const run = useRunNode(project.id);
  const refresh = useRefreshUniverse(project.id);
  const root = useQuery(nodeOptions(project.root_node_id));
  const isRunning = project.baseline_status === 'running' || root.data?.status === 'running';
  const start = () => run.mutate({ path: { node_id: project.root_node_id } });
  return (
    <Panel
      title={
        isRunning
          ? 'The baseline is running'
          : (endings[project.baseline_status] ?? 'Start with the baseline')
      }
      caption={`${count(project.personas)} personas, ${duration(project.horizon, project.tick_unit)}, ${project.replicates} replicates, with and without social rules`}
      actions={
        !isRunning && (
          <Button variant="primary" busy={run.isPending} onClick={start}>
            Run baseline
          </Button>
        )
      }
    >
      <div className="grid gap-4">
        {isRunning ? (
          <div className="grid gap-4 sm:grid-cols-2">
            {root.data?.runs.map((entry) => (
              <RunBar
                key={entry.id}
                runId={entry.id}
                unit={project.tick_unit}
                onOver={() => refresh(project.root_node_id)}
              />
            ))}
          </div>
        ) : (
          <p className="max-w-prose text-body text-t2">
            The baseline is the world as it goes on by itself. Every question is answered as a
            difference from it, so it runs first. Running it calls no language model.
          </p>
        )}
        {run.error && <ErrorState problem={toProblem(run.error)} onRetry={start} />}
      </div>
    </Panel>
  );
}
