import { expect, test } from 'vitest';
import { stateOf } from './api-keys';

const now = Date.parse('2026-06-01T00:00:00Z');

test('a key is active until it expires or is revoked', () => {
  const key = { expires_at: '2026-06-02T00:00:00Z', revoked_at: null };
  expect(stateOf(key, now)).toBe('active');
  expect(stateOf({ ...key, expires_at: '2026-06-01T00:00:00Z' }, now)).toBe('expired');
  expect(stateOf({ ...key, revoked_at: '2026-05-01T00:00:00Z' }, now)).toBe('revoked');
});
