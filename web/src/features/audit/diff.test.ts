import { expect, test } from 'vitest';
import { changesBetween } from './diff';

test('only what differs is a change, inner fields by their path', () => {
  const before = { name: 'a', limits: { calls: 5, spend: '1.00' }, same: true };
  const after = { name: 'b', limits: { calls: 6, spend: '1.00' }, same: true };
  expect(changesBetween(before, after)).toEqual([
    { field: 'limits.calls', before: '5', after: '6' },
    { field: 'name', before: 'a', after: 'b' },
  ]);
});

test('what was made has no before, what was removed no after', () => {
  expect(changesBetween(null, { name: 'a' })).toEqual([
    { field: 'name', before: null, after: 'a' },
  ]);
  expect(changesBetween({ tags: ['x'] }, null)).toEqual([
    { field: 'tags', before: '["x"]', after: null },
  ]);
  expect(changesBetween(null, null)).toEqual([]);
});
