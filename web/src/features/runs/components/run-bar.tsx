import { useQuery } from '@tanstack/react-query';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { isOver, runOptions, useCancelRun, useFollowRun } from '../queries';
import type { Terms } from '../terms';
import { useTimeLeft } from '../time-left';
import { progressWords, sentenceCase, variantLabel } from '../wording';

interface RunBarProps {
  runId: string;
  unit: Terms['unit'];
  onOver?: () => void;
}

/** One run as it happens: its variant, how far it has come, and a way to stop it. */
export function RunBar({ runId, unit, onOver }: RunBarProps) {
  const { data: run } = useQuery(runOptions(runId));
  useFollowRun(run, onOver);
  const timeLeft = useTimeLeft(run);
  const cancel = useCancelRun();
  if (!run) return <div className="h-9 rounded-md bg-s2" />;
  const problem = storedProblem(run.problem);
  const stop = () =>
    cancel.mutate(
      { path: { run_id: runId } },
      {
        onSuccess: () => toast('The run is being cancelled. A cancelled run changes no node.'),
        onError: (error) => toast(toProblem(error).detail, 'bad'),
      },
    );
  return (
    <div className="grid gap-1.5">
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-1 text-control">
        <span className="text-t1">{sentenceCase(variantLabel[run.variant])}</span>
        <span className="flex items-center gap-3">
          <Status status={run.status} />
          {!isOver(run.status) && (
            <Button variant="quiet" size="small" busy={cancel.isPending} onClick={stop}>
              Cancel run
            </Button>
          )}
        </span>
      </div>
      <Progress value={run.tick} max={run.horizon} label={`Run ${variantLabel[run.variant]}`} />
      <p className="text-caption text-t3">
        {sentenceCase(progressWords(run, unit))}
        {timeLeft && `, ${timeLeft}`}
      </p>
      {problem && (
        <p className="text-caption text-bad">
          {problem.title}. {problem.detail}
        </p>
      )}
    </div>
  );
}
