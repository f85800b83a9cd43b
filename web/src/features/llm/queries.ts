import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  llmCreateOwnProfileMutation,
  llmDescribeOwnCacheOptions,
  llmDescribeOwnCacheQueryKey,
  llmGetOwnCallOptions,
  llmInvalidateOwnCacheMutation,
  llmListOwnAvailableModelsOptions,
  llmListOwnBudgetsOptions,
  llmListOwnCallsInfiniteOptions,
  llmListOwnProfileKeysOptions,
  llmListOwnProfileKeysQueryKey,
  llmListOwnProfilesOptions,
  llmListOwnProfilesQueryKey,
  llmReportOwnCostsOptions,
  llmSummariseOwnCostsOptions,
  llmTestOwnProfileMutation,
  llmUpdateOwnProfileMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { llmExportOwnCalls } from '@/api/generated/sdk.gen';
import type { LlmReportOwnCostsData } from '@/api/generated/types.gen';

export type GroupBy = NonNullable<NonNullable<LlmReportOwnCostsData['query']>['group_by']>;
export type ExportFormat = 'csv' | 'json' | 'jsonl';

/** Costs are some seconds behind the calls. */
const asSettled = { refetchInterval: 10_000 };

export const useLLMCosts = () => useQuery({ ...llmSummariseOwnCostsOptions(), ...asSettled });

export const useLLMCostReport = (groupBy: GroupBy) =>
  useQuery({ ...llmReportOwnCostsOptions({ query: { group_by: groupBy } }), ...asSettled });

export const useLLMCache = () => useQuery({ ...llmDescribeOwnCacheOptions(), ...asSettled });

export function useLLMCalls() {
  const query = { limit: 25 };
  return useInfiniteQuery({
    ...llmListOwnCallsInfiniteOptions({ query }),
    initialPageParam: { query },
    getNextPageParam: (page: { next_cursor?: string | null }) =>
      page.next_cursor ? { query: { ...query, cursor: page.next_cursor } } : undefined,
    maxPages: 20,
  });
}

export const useLLMCall = (callId: string) =>
  useQuery(llmGetOwnCallOptions({ path: { call_id: callId } }));

export const useLLMBudgets = () => useQuery({ ...llmListOwnBudgetsOptions(), ...asSettled });

export const useAvailableLLMModels = () => useQuery(llmListOwnAvailableModelsOptions());

export const useStandardProfileKeys = () => useQuery(llmListOwnProfileKeysOptions());

/** The organization's own forms of profiles. */
export const useLLMProfiles = () => useQuery(llmListOwnProfilesOptions({ query: { limit: 200 } }));

export const useTestLLMProfile = () => useMutation(llmTestOwnProfileMutation());

function useProfilesChanged() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: llmListOwnProfileKeysQueryKey() });
    void client.invalidateQueries({
      queryKey: llmListOwnProfilesQueryKey({ query: { limit: 200 } }),
    });
  };
}

export const useCreateLLMProfile = () =>
  useMutation({ ...llmCreateOwnProfileMutation(), onSuccess: useProfilesChanged() });

export const useUpdateLLMProfile = () =>
  useMutation({ ...llmUpdateOwnProfileMutation(), onSuccess: useProfilesChanged() });

export function useInvalidateLLMCache() {
  const client = useQueryClient();
  return useMutation({
    ...llmInvalidateOwnCacheMutation(),
    onSuccess: () => client.invalidateQueries({ queryKey: llmDescribeOwnCacheQueryKey() }),
  });
}

/** Every call of the organization as a file. */
export const useExportLLMCalls = () =>
  useMutation({
    mutationFn: async (format: ExportFormat) => {
      const { data } = await llmExportOwnCalls({ query: { format }, parseAs: 'blob' });
      const address = URL.createObjectURL(data as Blob);
      const link = document.createElement('a');
      link.href = address;
      link.download = `llm-calls.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
  });
