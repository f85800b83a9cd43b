import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import {
  tasksCancelTaskMutation,
  tasksListTasksOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Task } from '@/api/generated/types.gen';
import { inGroups, type TaskGroup } from './groups';

/** Every list of tasks, whatever it asks for. */
export const taskListsKey = [{ _id: 'tasksListTasks' }] as const;

const unfinished = { status: ['queued', 'running'] as Task['status'][], limit: 50 };
const ended = { status: ['succeeded', 'failed', 'cancelled'] as Task['status'][], limit: 5 };

/**
 * What is under way. While something is, it is asked again; while nothing is, only what may have
 * started something makes it ask: a change that this browser made, or a look at the menu.
 */
export function useRunning() {
  return useQuery({
    ...tasksListTasksOptions({ query: unfinished }),
    select: ({ items }): TaskGroup[] => inGroups(items),
    refetchInterval: ({ state }) => (state.data?.items.length ? 2000 : false),
    refetchOnWindowFocus: 'always',
  });
}

/** What has ended last; read again whenever something else is running than before. */
export function useEnded(running: readonly TaskGroup[] | undefined) {
  const query = useQuery({
    ...tasksListTasksOptions({ query: ended }),
    select: ({ items }): TaskGroup[] => inGroups(items),
  });
  const { refetch } = query;
  const ids = running?.map(([task]) => task.group_id).join();
  const known = useRef(ids);
  useEffect(() => {
    if (known.current !== undefined && known.current !== ids) void refetch();
    known.current = ids;
  }, [ids, refetch]);
  return query;
}

export function useCancelTask() {
  const client = useQueryClient();
  return useMutation({
    ...tasksCancelTaskMutation(),
    onSettled: () => void client.invalidateQueries({ queryKey: taskListsKey }),
  });
}

export function useLookAgain() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: taskListsKey });
}
