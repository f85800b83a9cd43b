import { expect, test } from 'vitest';
import { hasExpired, invitationLink } from './invitations';

test('the token stands behind #, where no server sees it', () => {
  const link = new URL(invitationLink('secret-1', 'https://example.org'));
  expect(link.pathname + link.search).toBe('/invitation');
  expect(link.hash).toBe('#token=secret-1');
});

test('an invitation ends at its moment', () => {
  const expires_at = '2026-06-08T00:00:00Z';
  expect(hasExpired({ expires_at }, Date.parse('2026-06-07T23:59:59Z'))).toBe(false);
  expect(hasExpired({ expires_at }, Date.parse(expires_at))).toBe(true);
});
