import { expect, test } from 'vitest';
import { MEANINGS, ROLES, rolesUpTo } from './roles';

test('somebody gives their own role and those below it', () => {
  expect(rolesUpTo('owner')).toEqual(ROLES);
  expect(rolesUpTo('admin')).toEqual(['viewer', 'analyst', 'admin']);
  expect(rolesUpTo('viewer')).toEqual(['viewer']);
  expect(rolesUpTo('a role of tomorrow')).toEqual([]);
});

test('each role says what it may do', () => {
  expect(new Set(ROLES.map((role) => MEANINGS[role])).size).toBe(ROLES.length);
});
