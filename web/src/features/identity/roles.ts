/** What each role may do, and who may give it. */
import type { Member } from '@/api/generated/types.gen';

export type Role = Member['role'];

/** Lowest first; a role may do everything that those below it may. */
export const ROLES: readonly Role[] = ['viewer', 'analyst', 'admin', 'owner'];

export const MEANINGS: Record<Role, string> = {
  viewer: 'Sees projects, populations and runs.',
  analyst: 'Also imports people, asks questions and starts runs.',
  admin: 'Also manages members, API keys and models, and reads the audit.',
  owner: 'Like an admin, and the only one who makes or changes an owner.',
};

const RANKS: readonly string[] = ROLES;

/** Nobody gives, changes or takes away a role above their own. */
export function rolesUpTo(own: string): Role[] {
  return ROLES.slice(0, RANKS.indexOf(own) + 1);
}
