import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  hybridsCancelHybridMutation,
  hybridsGetHybridOptions,
  hybridsListHybridsOptions,
  hybridsStartHybridMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Hybrid, HybridRequest, HybridSummary } from '@/api/generated/types.gen';
import { useRequestKey } from '@/lib/request-key';

export function isActing({ status }: Pick<HybridSummary, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** Asked again every second while one of them is under way. */
export const hybridsOptions = (projectId: string) => ({
  ...hybridsListHybridsOptions({ path: { project_id: projectId }, query: { limit: 50 } }),
  refetchInterval: (query: { state: { data: { items: HybridSummary[] } | undefined } }) =>
    query.state.data?.items.some(isActing) ? 1000 : false,
});

/** One run whole: the request and, once it is there, the result. */
export const hybridOptions = (hybridId: string) => ({
  ...hybridsGetHybridOptions({ path: { hybrid_id: hybridId } }),
  refetchInterval: (query: { state: { data: Hybrid | undefined } }) =>
    query.state.data && isActing(query.state.data) ? 1000 : false,
});

export function useStartHybrid(projectId: string) {
  const client = useQueryClient();
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation({
    ...hybridsStartHybridMutation(),
    onSuccess: (hybrid) => {
      client.setQueryData(hybridOptions(hybrid.id).queryKey, hybrid);
      void client.invalidateQueries(hybridsOptions(projectId));
    },
  });
  const start = (body: HybridRequest, onStarted: (hybrid: Hybrid) => void) =>
    mutate(
      { path: { project_id: projectId }, body, headers: { 'idempotency-key': keyFor(body) } },
      { onSuccess: onStarted },
    );
  return { ...state, start };
}

export function useCancelHybrid(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    ...hybridsCancelHybridMutation(),
    onSuccess: (hybrid) => {
      client.setQueryData(hybridOptions(hybrid.id).queryKey, hybrid);
      void client.invalidateQueries(hybridsOptions(projectId));
    },
  });
}
