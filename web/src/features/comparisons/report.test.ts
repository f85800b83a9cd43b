import { expect, test } from 'vitest';
import type { EventScriptWire } from '@/api/generated/types.gen';
import { changesBetween, partWords } from './report';

const script = (variable: string) =>
  ({ variable, operation: 'multiply', value: 2 }) as EventScriptWire;
const node = (id: string, parent_id: string | null, ...variables: string[]) => ({
  id,
  parent_id,
  event_scripts: variables.map(script),
});
const nodes = [
  node('root', null),
  node('first', 'root', 'price', 'quality'),
  node('second', 'first', 'range'),
  node('beside', 'root', 'tax'),
];
const named = (base: string, branch: string) =>
  changesBetween(nodes, base, branch).map(({ variable }) => variable);

test('a change is everything on the way down from its base, in the order it is applied', () => {
  expect(named('root', 'second')).toEqual(['price', 'quality', 'range']);
  expect(named('first', 'second')).toEqual(['range']);
  expect(named('beside', 'second')).toEqual(['price', 'quality', 'range']);
  expect(named('root', 'root')).toEqual([]);
  expect(named('root', 'nowhere')).toEqual([]);
});

test('a ring of nodes ends', () => {
  const ring = [node('a', 'b', 'x'), node('b', 'a', 'y')];
  expect(changesBetween(ring, 'root', 'a')).toHaveLength(2);
});

test('only parts that were computed are named', () => {
  const parts = [
    { kind: 'chance' as const, share: 0.25, variance: 1 },
    { kind: 'estimation' as const, share: 0.75, variance: 3 },
  ];
  expect(partWords(parts)).toMatch(
    /25\W% the randomness of the simulation and 75\W% the error of the estimated coefficients/,
  );
  expect(partWords([])).toContain('not computed');
});
