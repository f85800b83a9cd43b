/** API keys as their page tells and changes them. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import {
  identityCreateApiKeyMutation,
  identityListApiKeysInfiniteOptions,
  identityRevokeApiKeyMutation,
  identityRotateApiKeyMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { ApiKey } from '@/api/generated/types.gen';

const apiKeysKey = [{ _id: 'identityListApiKeys' }] as const;

export function useApiKeys() {
  const query = { limit: 50 };
  return useInfiniteQuery({
    ...identityListApiKeysInfiniteOptions({ query }),
    initialPageParam: { query },
    getNextPageParam: (page: { next_cursor?: string | null }) =>
      page.next_cursor ? { query: { ...query, cursor: page.next_cursor } } : undefined,
  });
}

function useListAgain() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: apiKeysKey });
}

export const useCreateApiKey = () =>
  useMutation({ ...identityCreateApiKeyMutation(), onSuccess: useListAgain() });

export const useRotateApiKey = () =>
  useMutation({ ...identityRotateApiKeyMutation(), onSuccess: useListAgain() });

export const useRevokeApiKey = () =>
  useMutation({ ...identityRevokeApiKeyMutation(), onSuccess: useListAgain() });

export type ApiKeyState = 'active' | 'expired' | 'revoked';

export function stateOf(
  { revoked_at, expires_at }: Pick<ApiKey, 'revoked_at' | 'expires_at'>,
  now = Date.now(),
): ApiKeyState {
  if (revoked_at !== null) return 'revoked';
  return Date.parse(expires_at) <= now ? 'expired' : 'active';
}
