import { expect, test } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { mayChange, nameOf, refusalOf } from './members';

const admin = { role: 'admin', permissions: ['members:read', 'members:write'] };

test('an admin changes everybody but owners', () => {
  expect(mayChange(admin, { role: 'admin' })).toBe(true);
  expect(mayChange(admin, { role: 'owner' })).toBe(false);
});

test('whoever only reads members changes nobody', () => {
  expect(mayChange({ ...admin, permissions: ['members:read'] }, { role: 'viewer' })).toBe(false);
});

test('a member without a name is called by the address', () => {
  expect(nameOf({ full_name: '', email: 'ada@example.org' })).toBe('ada@example.org');
  expect(nameOf({ full_name: 'Ada', email: 'ada@example.org' })).toBe('Ada');
});

const ada = { full_name: 'Ada', email: 'ada@example.org' };
const problem = (code: string, title: string, detail: string) =>
  new ApiProblem({ type: 'about:blank', status: 409, code, title, detail });

test('the last owner is refused in the words of the page, naming them', () => {
  const refused = problem(
    'last_owner',
    'An organization needs an owner',
    'Make another one first.',
  );
  expect(refusalOf(refused, ada)).toBe(
    'Ada is the only active owner. Make another member an owner first, then try again.',
  );
});

test('any other refusal is said in the words of the server', () => {
  const refused = problem('role_beyond_own', 'This role is above your own', 'Ask an owner.');
  expect(refusalOf(refused, ada)).toBe('This role is above your own. Ask an owner.');
});
