import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import {
  asksListVariablesOptions,
  universeGetNodeOptions,
  universeGetProjectOptions,
  universeListNodesOptions,
  universeRunNodeMutation,
  universeTuneNodeMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { universeListNodes } from '@/api/generated/sdk.gen';
import type { NodeDetail, NodeGraph, TuneRequest } from '@/api/generated/types.gen';
import { useRequestKey } from '@/lib/request-key';

export const projectOptions = (projectId: string) =>
  universeGetProjectOptions({ path: { project_id: projectId } });

/** All pages of a project's nodes, as one graph. */
export const graphOptions = (projectId: string) => ({
  ...universeListNodesOptions({ query: { project_id: projectId } }),
  queryFn: ({ signal }: { signal: AbortSignal }) => wholeGraph(projectId, signal),
});

async function wholeGraph(projectId: string, signal: AbortSignal): Promise<NodeGraph> {
  const whole: NodeGraph = { nodes: [], edges: [] };
  let cursor: string | null | undefined;
  do {
    const query = cursor ? { project_id: projectId, cursor } : { project_id: projectId };
    const { data } = await universeListNodes({ query, signal, throwOnError: true });
    whole.nodes.push(...data.nodes);
    whole.edges.push(...data.edges);
    cursor = data.next_cursor;
  } while (cursor);
  return whole;
}

export const registryOptions = (projectId: string) => ({
  ...asksListVariablesOptions({ path: { project_id: projectId } }),
  staleTime: 300_000,
});

/** Asked again while it runs: a run may have ended before anybody followed its events. */
export const nodeOptions = (nodeId: string) => ({
  ...universeGetNodeOptions({ path: { node_id: nodeId } }),
  refetchInterval: (query: { state: { data: NodeDetail | undefined } }) =>
    query.state.data?.status === 'running' ? 2000 : false,
});

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

/** After a run has started or ended: all that is told of the project, whoever tells it, and the node. */
export function useRefreshUniverse(projectId: string) {
  const client = useQueryClient();
  return (nodeId?: string) => {
    void client.invalidateQueries({ predicate: ({ queryKey }) => isAbout(queryKey, projectId) });
    if (nodeId !== undefined) void client.invalidateQueries(nodeOptions(nodeId));
  };
}

/** Generated keys hold the path and the query of their request. */
function isAbout([request]: QueryKey, projectId: string): boolean {
  if (typeof request !== 'object' || request === null) return false;
  const { path, query } = request as { path?: ProjectScope; query?: ProjectScope };
  return path?.project_id === projectId || query?.project_id === projectId;
}

interface ProjectScope {
  project_id?: string;
}
