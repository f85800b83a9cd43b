import { expect, test } from 'vitest';
import { readUniverseSearch } from './universe-search';

test('an address keeps what is known and drops the rest', () => {
  expect(
    readUniverseSearch({ node: 'a', view: 'table', tab: 'drivers', q: 12, evil: '<x>' }),
  ).toEqual({ node: 'a', view: 'table', tab: 'drivers', q: '12' });
  expect(readUniverseSearch({ view: 'globe', tab: 'nothing', node: '' })).toEqual({});
});
