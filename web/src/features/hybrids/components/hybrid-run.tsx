import { useQuery } from '@tanstack/react-query';
import type { Hybrid, Project, VariableRegistry } from '@/api/generated/types.gen';
import { list, share } from '@/lib/format';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Panel } from '@/ui/panel';
import { Progress } from '@/ui/progress';
import { ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import { hybridOptions, isActing, useCancelHybrid } from '../queries';
import { HybridFindings } from './hybrid-result';

interface HybridRunProps {
  id: string;
  project: Project;
  registry: VariableRegistry;
  world: (nodeId: string) => string;
}

/** One run with actors, wherever it stands: on its way, ended early, or with its findings. */
export function HybridRun({ id, project, registry, world }: HybridRunProps) {
  const hybrid = useQuery(hybridOptions(id));
  if (hybrid.error && !hybrid.data) {
    return <ErrorState problem={toProblem(hybrid.error)} onRetry={() => void hybrid.refetch()} />;
  }
  if (!hybrid.data) return <Loading rows={6} />;
  const { result } = hybrid.data;
  if (result) return <HybridFindings hybrid={hybrid.data} {...{ result, project, registry }} />;
  return <Unfinished hybrid={hybrid.data} world={world} />;
}

/** On its way, cancelled or failed: how far it came, and why it has no result. */
function Unfinished({ hybrid, world }: { hybrid: Hybrid; world: HybridRunProps['world'] }) {
  const cancel = useCancelHybrid(hybrid.project_id);
  const problem = storedProblem(hybrid.problem);
  const stop = () => cancel.mutate({ path: { hybrid_id: hybrid.id } }, { onError: complain });
  const acting = isActing(hybrid);
  return (
    <Panel
      title={`${world(hybrid.node_id)} with ${list(hybrid.request.actors.map(({ name }) => name))}`}
      caption={`${share(hybrid.progress)} of both runs`}
      actions={
        acting ? (
          <Button size="small" busy={cancel.isPending} onClick={stop}>
            Cancel runs
          </Button>
        ) : undefined
      }
    >
      <div className="grid gap-2">
        <Status status={hybrid.status} />
        {acting ? (
          <Progress value={hybrid.progress} max={1} label="Runs with and without actors" />
        ) : null}
        {problem ? (
          <div role="alert" className="text-control">
            <p className="font-medium">{problem.title}</p>
            <p className="text-t2">{problem.detail}</p>
          </div>
        ) : null}
        {hybrid.status === 'cancelled' ? (
          <p className="text-control text-t2">
            It was cancelled before its end, so there is nothing to compare.
          </p>
        ) : null}
      </div>
    </Panel>
  );
}
