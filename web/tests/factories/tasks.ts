/** Test data of tasks, typed by the generated client. */
import type { Task } from '@/api/generated/types.gen';

export function taskOf(id: string, change: Partial<Task> = {}): Task {
  return {
    id,
    kind: 'run',
    subject: { type: 'run', id: `${id}-subject`, title: `Title of ${id}` },
    project_id: 'project',
    group_id: `${id}-group`,
    status: 'running',
    attempt: 1,
    progress: { done: 9, total: 36, label: '' },
    cancel_requested: false,
    may_cancel: true,
    mine: true,
    problem: null,
    created_at: '2026-01-01T00:00:00Z',
    started_at: '2026-01-01T00:00:01Z',
    finished_at: null,
    ...change,
  };
}
