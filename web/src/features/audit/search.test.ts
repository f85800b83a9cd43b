import { expect, test } from 'vitest';
import { filterOf, readAuditSearch } from './search';

test('an address keeps what is known and drops the rest', () => {
  const raw = { action: 'project.create', since: '2026-06-01', to: '2026-13-01', evil: 1, ip: '' };
  expect(readAuditSearch(raw)).toEqual({ action: 'project.create', since: '2026-06-01' });
});

test('days become the instants at which they begin and end; the open entry is no filter', () => {
  expect(filterOf({ since: '2026-06-01', to: '2026-06-02', entry: 'x', ip: '::1' })).toEqual({
    since: '2026-06-01T00:00:00Z',
    to: '2026-06-02T23:59:59.999Z',
    ip: '::1',
  });
});
