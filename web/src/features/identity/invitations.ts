/** Invitations: those an organization made, and those made to somebody. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  identityCreateInvitationMutation,
  identityListInvitationsOptions,
  identityRevokeInvitationMutation,
} from '@/api/generated/@tanstack/react-query.gen';

export const useInvitations = () => useQuery(identityListInvitationsOptions());

function useListAgain() {
  const client = useQueryClient();
  return () => void client.invalidateQueries(identityListInvitationsOptions());
}

/** Inviting an address again ends its earlier invitation. */
export const useInvite = () =>
  useMutation({ ...identityCreateInvitationMutation(), onSuccess: useListAgain() });

export const useRevokeInvitation = () =>
  useMutation({ ...identityRevokeInvitationMutation(), onSuccess: useListAgain() });

/** What the mail leads to; the token behind `#` is in no server's log. */
export function invitationLink(token: string, origin = window.location.origin): string {
  return `${origin}/invitation#token=${token}`;
}

export function hasExpired({ expires_at }: { expires_at: string }, now = Date.now()): boolean {
  return Date.parse(expires_at) <= now;
}
