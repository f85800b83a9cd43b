import { ago, utc } from '@/lib/format';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { announce } from '@/ui/toast';
import { endOf, kindName, progressWords, shareDone, type TaskGroup } from '../groups';
import { useCancelTask, useEnded, useRunning } from '../queries';
import { TaskLink } from './task-link';

const heading = 'px-3 pt-1.5 pb-0.5 text-caption text-t3';

interface ActivityListProps {
  /** Somebody goes to where one of them is shown. */
  onFollow: () => void;
}

/** What is under way, how far, and the way to stop it; below, what has ended last. */
export function ActivityList({ onFollow }: ActivityListProps) {
  const running = useRunning();
  const ended = useEnded(running.data);
  const error = running.error ?? ended.error;
  return (
    <>
      {error ? (
        <p role="alert" className="px-3 py-2 text-control text-t2">
          {toProblem(error).title}.{' '}
          <Button variant="quiet" size="small" onClick={() => void running.refetch()}>
            Retry
          </Button>
        </p>
      ) : null}
      {running.data?.length === 0 ? (
        <p className="px-3 py-2 text-control text-t2">
          Nothing is running. Imports, questions, runs and plans are followed here.
        </p>
      ) : null}
      {running.data && running.data.length > 0 ? (
        <section>
          <h3 className={heading}>Running now</h3>
          <ul aria-label="Running" className="grid">
            {running.data.map((group) => (
              <Running key={group[0].group_id} group={group} onFollow={onFollow} />
            ))}
          </ul>
        </section>
      ) : null}
      {ended.data && ended.data.length > 0 ? (
        <section className="border-t border-line pt-1">
          <h3 className={heading}>Ended last</h3>
          <ul aria-label="Ended last" className="grid">
            {ended.data.map((group) => (
              <Ended key={group[0].group_id} group={group} onFollow={onFollow} />
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

interface RowProps {
  group: TaskGroup;
  onFollow: () => void;
}

function Running({ group, onFollow }: RowProps) {
  const [task] = group;
  const cancel = useCancelTask();
  const done = shareDone(group);
  // One of a group is enough: all of it is cancelled.
  const stoppable = group.find((entry) => entry.may_cancel);
  const stop = (id: string) =>
    cancel.mutate(
      { path: { task_id: id } },
      { onSuccess: () => announce(`${task.subject.title} is being stopped.`), onError: complain },
    );
  return (
    <li className="grid gap-1.5 px-3 py-2">
      <div className="flex items-start justify-between gap-3">
        <p className="min-w-0 text-control wrap-anywhere">
          <TaskLink task={task} onFollow={onFollow} />
          <span className="block text-caption text-t3">
            {kindName(task)} · {progressWords(group)} ·{' '}
            <time dateTime={task.created_at} title={`Asked for at ${utc(task.created_at)}`}>
              {ago(task.created_at)}
            </time>
          </span>
        </p>
        {stoppable ? (
          <Button
            size="small"
            aria-label={`Cancel ${task.subject.title}`}
            busy={cancel.isPending}
            onClick={() => stop(stoppable.id)}
          >
            Cancel
          </Button>
        ) : null}
      </div>
      {done === null ? null : (
        <Progress value={done} max={1} label={`${kindName(task)}: ${task.subject.title}`} />
      )}
    </li>
  );
}

function Ended({ group, onFollow }: RowProps) {
  const [task] = group;
  const problem = group.map((entry) => storedProblem(entry.problem)).find((entry) => entry);
  const at = task.finished_at ?? task.created_at;
  return (
    <li className="px-3 py-1.5 text-control">
      <div className="flex items-center justify-between gap-3">
        <p className="min-w-0 wrap-anywhere">
          <TaskLink task={task} onFollow={onFollow} />
        </p>
        <Status status={endOf(group)} />
      </div>
      <p className="text-caption text-t3">
        {kindName(task)} ·{' '}
        <time dateTime={at} title={utc(at)}>
          {ago(at)}
        </time>
        {problem ? <span className="block text-t2">{problem.title}</span> : null}
      </p>
    </li>
  );
}
