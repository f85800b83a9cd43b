import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  plansCancelPlanMutation,
  plansListPlansOptions,
  plansStartPlanMutation,
  universeBranchNodeMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { BranchRequest, NodeDetail, Plan, PlanRequest } from '@/api/generated/types.gen';
import { useRefreshUniverse } from '@/features/universe/queries';
import { useRequestKey } from '@/lib/request-key';

export function isSearching({ status }: Pick<Plan, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** Asked again every second while one of them is being searched. */
export const plansOptions = (projectId: string) => ({
  ...plansListPlansOptions({ path: { project_id: projectId }, query: { limit: 50 } }),
  refetchInterval: (query: { state: { data: { items: Plan[] } | undefined } }) =>
    query.state.data?.items.some(isSearching) ? 1000 : false,
});

export function useStartPlan(projectId: string) {
  const client = useQueryClient();
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation({
    ...plansStartPlanMutation(),
    onSuccess: () => void client.invalidateQueries(plansOptions(projectId)),
  });
  const start = (body: PlanRequest, onStarted: (plan: Plan) => void) =>
    mutate(
      { path: { project_id: projectId }, body, headers: { 'idempotency-key': keyFor(body) } },
      { onSuccess: onStarted },
    );
  return { ...state, start };
}

export function useCancelPlan(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    ...plansCancelPlanMutation(),
    onSuccess: () => void client.invalidateQueries(plansOptions(projectId)),
  });
}

/** A path becomes a world version, whose runs are started. */
export function useBranch(projectId: string, nodeId: string) {
  const refresh = useRefreshUniverse(projectId);
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation({
    ...universeBranchNodeMutation(),
    onSuccess: () => refresh(),
  });
  const branch = (body: BranchRequest, onMade: (made: NodeDetail) => void) =>
    mutate(
      { path: { node_id: nodeId }, body, headers: { 'idempotency-key': keyFor(body) } },
      { onSuccess: onMade },
    );
  return { ...state, branch };
}
