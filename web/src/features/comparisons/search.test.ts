import { expect, test } from 'vitest';
import { joinIds, readCompareSearch, splitIds } from './search';

test('months are whole and not negative', () => {
  expect(readCompareSearch({ nodes: 'a,b', metric: 'stock_share', from: '6', to: 36 })).toEqual({
    nodes: 'a,b',
    metric: 'stock_share',
    from: 6,
    to: 36,
  });
  expect(readCompareSearch({ from: -1, to: 2.5, metric: 'moon' })).toEqual({});
});

test('ids are split once each, four at most', () => {
  expect(splitIds('a,b,a,,c,d,e')).toEqual(['a', 'b', 'c', 'd']);
  expect(splitIds(undefined)).toEqual([]);
  expect(joinIds(['a', 'b'])).toBe('a,b');
});
