/** Tasks that make one result together are one thing to a person: shown, followed, cancelled as one. */
import type { Task } from '@/api/generated/types.gen';
import { count, share } from '@/lib/format';

/** Never empty; the tasks in the order of the list. */
export type TaskGroup = readonly [Task, ...Task[]];

export function inGroups(tasks: readonly Task[]): TaskGroup[] {
  const groups = new Map<string, [Task, ...Task[]]>();
  for (const task of tasks) {
    const known = groups.get(task.group_id);
    if (known) known.push(task);
    else groups.set(task.group_id, [task]);
  }
  return [...groups.values()];
}

/** The share of a group's work that is done, 0 … 1; null while its size is not known. */
export function shareDone(group: TaskGroup): number | null {
  let done = 0;
  let total = 0;
  for (const { progress } of group) {
    if (progress.total === null) return null;
    done += progress.done;
    total += progress.total;
  }
  return total > 0 ? done / total : null;
}

/** "estimating, 40 %", "waiting for its turn": how far a group is. */
export function progressWords(group: TaskGroup): string {
  const active = group.find((task) => task.status === 'running');
  if (group.some((task) => task.cancel_requested)) return 'stopping';
  if (!active) return 'waiting for its turn';
  const done = shareDone(group);
  const { label, done: counted } = active.progress;
  const far =
    done === null ? (counted > 0 ? `${count(counted)} ${unitOf(active)}` : '') : share(done);
  return [label, far].filter((part) => part !== '').join(', ') || 'under way';
}

/** How a group ended: failed if one of it did. */
export function endOf(group: TaskGroup): Task['status'] {
  const ends = group.map((task) => task.status);
  return (
    ends.find((end) => end === 'failed') ??
    ends.find((end) => end === 'cancelled') ??
    ends[0] ??
    'succeeded'
  );
}

/** What is counted where nobody knows how much there will be. */
function unitOf({ kind }: Task): string {
  return kind === 'plan' ? 'paths explored' : 'done';
}

const kindNames: { [kind: string]: string } = {
  import: 'Import',
  ask: 'Question',
  run: 'Run',
  plan: 'Plan',
  hybrid: 'Run with actors',
  privacy_export: 'Export',
  organization_deletion: 'Deletion',
  user_erasure: 'Erasure',
};

/** What kind of work it is; a kind that this page has not heard of keeps its own name. */
export function kindName({ kind }: Pick<Task, 'kind'>): string {
  return kindNames[kind] ?? kind;
}
