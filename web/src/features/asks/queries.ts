import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  asksAskMutation,
  asksCompileMutation,
  asksGetAskOptions,
  asksGetAskQueryKey,
  asksListAsksOptions,
  asksListAsksQueryKey,
  asksReadSweepOptions,
  plansStartPlanMutation,
  universeUpdateProjectMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Ask, GoalOffer, Plan, Sweep } from '@/api/generated/types.gen';
import { graphOptions, projectOptions } from '@/features/universe/queries';
import { useRequestKey } from '@/lib/request-key';

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

/** Asked again every second while one of its values still runs. */
export const sweepOptions = (nodeId: string) => ({
  ...asksReadSweepOptions({ path: { node_id: nodeId } }),
  refetchInterval: (query: { state: { data: Sweep | undefined } }) =>
    query.state.data?.points.some((point) => point.outcome === null) ? 1000 : false,
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

/** A question for a value is a search of its own, which the plans show. */
export function useSeek(projectId: string) {
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation(plansStartPlanMutation());
  const seek = (
    { variable, scope, alternative, kind, value }: GoalOffer,
    nodeId: string | null,
    bounds: { lower: number; upper: number },
    onStarted: (plan: Plan) => void,
  ) => {
    const outcome = { kind, of: alternative };
    const body = { node_id: nodeId, seek: { variable, scope, ...bounds, outcome, value } };
    mutate(
      { path: { project_id: projectId }, body, headers: { 'idempotency-key': keyFor(body) } },
      { onSuccess: onStarted },
    );
  };
  return { ...state, seek };
}
