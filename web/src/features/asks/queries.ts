import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  asksAskMutation,
  asksCompileMutation,
  asksGetAskOptions,
  asksGetAskQueryKey,
  asksListAsksOptions,
  asksListAsksQueryKey,
  universeUpdateProjectMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Ask } from '@/api/generated/types.gen';
import { graphOptions, projectOptions } from '@/features/universe/queries';

const recentAsks = (projectId: string) => ({
  path: { project_id: projectId },
  query: { limit: 8 },
});

export const asksOptions = (projectId: string) => asksListAsksOptions(recentAsks(projectId));

/** Asked again every second until it is settled; run progress itself comes as events. */
export const askOptions = (askId: string) => ({
  ...asksGetAskOptions({ path: { ask_id: askId } }),
  refetchInterval: (query: { state: { data: Ask | undefined } }) =>
    query.state.data && isSettled(query.state.data) ? false : 1000,
});

export function isSettled(ask: Pick<Ask, 'status'>): boolean {
  return ['succeeded', 'failed', 'cancelled', 'needs_input'].includes(ask.status);
}

export const useCompile = () =>
  useMutation({ ...asksCompileMutation(), meta: { isQuestion: true } });

/** Who may read the questions of a project. */
export const useCompilerChoice = (projectId: string) =>
  useQuery({ ...projectOptions(projectId), select: ({ compiler }) => compiler });

export function useAllowModel(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    ...universeUpdateProjectMutation(),
    onSuccess: (project) => client.setQueryData(projectOptions(projectId).queryKey, project),
  });
}

export function useAsk(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    ...asksAskMutation(),
    onSuccess: (ask) => {
      client.setQueryData(asksGetAskQueryKey({ path: { ask_id: ask.id } }), ask);
      void client.invalidateQueries({ queryKey: asksListAsksQueryKey(recentAsks(projectId)) });
      void client.invalidateQueries(graphOptions(projectId));
    },
  });
}
