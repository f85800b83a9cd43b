/** Whoever is signed in, as they name themselves. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  identityAskToVerifyAddressMutation,
  identityUpdateOwnUserMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { meOptions } from './queries';

export function useUpdateOwnName() {
  const client = useQueryClient();
  return useMutation({
    ...identityUpdateOwnUserMutation(),
    onSuccess: (me) => client.setQueryData(meOptions().queryKey, me),
  });
}

export const useAskToVerify = () => useMutation(identityAskToVerifyAddressMutation());
