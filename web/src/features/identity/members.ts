/** Members of the organization as their page tells and changes them. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import {
  identityListUsersInfiniteOptions,
  identityRemoveUserMutation,
  identityUpdateUserMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Me, Member } from '@/api/generated/types.gen';
import type { ApiProblem } from '@/lib/problem';
import { meOptions } from './queries';
import { rolesUpTo } from './roles';
import { useLeave } from './use-leave';

const membersKey = [{ _id: 'identityListUsers' }] as const;

export function useMembers() {
  const query = { limit: 50 };
  return useInfiniteQuery({
    ...identityListUsersInfiniteOptions({ query }),
    initialPageParam: { query },
    getNextPageParam: (page: { next_cursor?: string | null }) =>
      page.next_cursor ? { query: { ...query, cursor: page.next_cursor } } : undefined,
  });
}

/** One's own role may be what changed, so that is asked again too. */
export function useUpdateMember() {
  const client = useQueryClient();
  return useMutation({
    ...identityUpdateUserMutation(),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: membersKey }),
        client.invalidateQueries(meOptions()),
      ]),
  });
}

/** Whoever removes themselves is signed out here. */
export function useRemoveMember({ isSelf }: { isSelf: boolean }) {
  const client = useQueryClient();
  const leave = useLeave();
  return useMutation({
    ...identityRemoveUserMutation(),
    onSuccess: () => (isSelf ? leave() : client.invalidateQueries({ queryKey: membersKey })),
  });
}

type Named = Pick<Member, 'full_name' | 'email'>;

export const nameOf = ({ full_name, email }: Named): string => full_name || email;

/** Whether `me` may change this member at all; what they may do is asked apart. */
export function mayChange(me: Pick<Me, 'permissions' | 'role'>, member: Pick<Member, 'role'>) {
  return me.permissions.includes('members:write') && rolesUpTo(me.role).includes(member.role);
}

/** Why the change was refused, in the words of the page where it has better ones. */
export function refusalOf(problem: ApiProblem, member: Named): string {
  if (problem.code === 'last_owner') {
    return `${nameOf(member)} is the only active owner. Make another member an owner first, then try again.`;
  }
  if (problem.code === 'member_not_found') return `${nameOf(member)} is not a member any more.`;
  return `${problem.title}. ${problem.detail}`;
}
