import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import {
  universeAskMutation,
  universeCompareNodesOptions,
  universeCompileMutation,
  universeGetAskOptions,
  universeGetAskQueryKey,
  universeGetNodeOptions,
  universeGetProjectOptions,
  universeListAsksOptions,
  universeListAsksQueryKey,
  universeListNodesOptions,
  universeListVariablesOptions,
  universeRunNodeMutation,
  universeTuneNodeMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Ask, Node, NodeDetail, TuneRequest } from '@/api/generated/types.gen';
import type { Metric } from '@/features/runs';
import { useRequestKey } from '@/lib/request-key';

export const projectOptions = (projectId: string) =>
  universeGetProjectOptions({ path: { project_id: projectId } });

export const graphOptions = (projectId: string) =>
  universeListNodesOptions({ query: { project_id: projectId } });

export const registryOptions = (projectId: string) => ({
  ...universeListVariablesOptions({ path: { project_id: projectId } }),
  staleTime: 300_000,
});

/** Asked again while it runs: a run may have ended before anybody followed its events. */
export const nodeOptions = (nodeId: string) => ({
  ...universeGetNodeOptions({ path: { node_id: nodeId } }),
  refetchInterval: (query: { state: { data: NodeDetail | undefined } }) =>
    query.state.data?.status === 'running' ? 2000 : false,
});

const recentAsks = (projectId: string) => ({
  path: { project_id: projectId },
  query: { limit: 8 },
});

export const asksOptions = (projectId: string) => universeListAsksOptions(recentAsks(projectId));

/** Asked again every second until it is settled; run progress itself comes as events. */
export const askOptions = (askId: string) => ({
  ...universeGetAskOptions({ path: { ask_id: askId } }),
  refetchInterval: (query: { state: { data: Ask | undefined } }) =>
    query.state.data && isSettled(query.state.data) ? false : 1000,
});

export function isSettled(ask: Pick<Ask, 'status'>): boolean {
  return ['finished', 'failed', 'cancelled', 'needs_input'].includes(ask.status);
}

export interface ComparisonChoice {
  baseId: string;
  branchId: string;
  /** The project's default when absent. */
  metric?: Metric | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Both sides are finished runs, so the answer never changes. */
export const comparisonOptions = ({ baseId, branchId, metric, from, to }: ComparisonChoice) => ({
  ...universeCompareNodesOptions({
    path: { node_id: baseId, other_id: branchId },
    query: {
      ...(metric === undefined ? {} : { metric }),
      ...(from === undefined ? {} : { from_tick: from }),
      ...(to === undefined ? {} : { to_tick: to }),
    },
  }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The youngest branch with an outcome: what a reader most likely came to see. */
export function newestExplored(nodes: readonly Node[]): Node | null {
  const explored = nodes.filter((node) => node.kind === 'branch' && node.status === 'explored');
  return explored.reduce<Node | null>(
    (newest, node) => (newest === null || node.created_at > newest.created_at ? node : newest),
    null,
  );
}

/** Ask for the page's largest answer as soon as the graph is here, while its code still loads. */
export async function prefetchOutcome(client: QueryClient, projectId: string): Promise<void> {
  const { nodes } = await client.ensureQueryData(graphOptions(projectId));
  const root = nodes.find((node) => node.kind === 'root');
  const branch = newestExplored(nodes);
  if (root?.status !== 'explored' || !branch?.outcome) return;
  const { metric, from_tick: from, to_tick: to } = branch.outcome;
  await client.prefetchQuery(
    comparisonOptions({ baseId: root.id, branchId: branch.id, metric, from, to }),
  );
}

export const useCompile = () => useMutation(universeCompileMutation());

export function useAsk(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    ...universeAskMutation(),
    onSuccess: (ask) => {
      client.setQueryData(universeGetAskQueryKey({ path: { ask_id: ask.id } }), ask);
      void client.invalidateQueries({ queryKey: universeListAsksQueryKey(recentAsks(projectId)) });
      void client.invalidateQueries(graphOptions(projectId));
    },
  });
}

export function useRunNode(projectId: string) {
  const refresh = useRefreshUniverse(projectId);
  return useMutation({
    ...universeRunNodeMutation(),
    onSuccess: (started) => refresh(started.node_id),
  });
}

/** A child of the node with other values; sent twice by a double click, it is made once. */
export function useTune(projectId: string, nodeId: string) {
  const client = useQueryClient();
  const refresh = useRefreshUniverse(projectId);
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation({
    ...universeTuneNodeMutation(),
    onSuccess: (made) => {
      client.setQueryData(nodeOptions(made.id).queryKey, made);
      refresh();
    },
  });
  const tune = (body: TuneRequest, onMade: (made: NodeDetail) => void) =>
    mutate(
      { path: { node_id: nodeId }, body, headers: { 'idempotency-key': keyFor(body) } },
      { onSuccess: onMade },
    );
  return { ...state, tune };
}

/** After a run has ended: the map, the project's numbers, the asks and the node itself. */
export function useRefreshUniverse(projectId: string) {
  const client = useQueryClient();
  return (nodeId?: string) => {
    void client.invalidateQueries(graphOptions(projectId));
    void client.invalidateQueries(projectOptions(projectId));
    void client.invalidateQueries({ queryKey: universeListAsksQueryKey(recentAsks(projectId)) });
    if (nodeId !== undefined) void client.invalidateQueries(nodeOptions(nodeId));
  };
}
