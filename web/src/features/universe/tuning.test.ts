import { scriptOf, variableOf } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import {
  changedTo,
  entryError,
  sliderPosition,
  sliderValue,
  type Tunable,
  tunables,
  tuneRequest,
} from './tuning';

const imitation = variableOf('imitation', { maximum: 0.8, default: 0.38, value: 0.38 });
const mediaUse = variableOf('media_use', {
  kind: 'attribute',
  default: null,
  value: null,
  mean: 0.5,
});

function only(variable = imitation, scripts = [scriptOf({ variable: 'other' })]): Tunable {
  const [found] = tunables([variable], scripts);
  if (!found) throw new Error('nothing to tune');
  return found;
}

test('a parameter starts where the project has it, a later set for everyone moves it', () => {
  expect(only().start).toBe(0.38);
  const set = scriptOf({ variable: 'imitation', operation: 'set', value: 0.5, sentence: 'to 0.5' });
  expect(only(imitation, [set])).toMatchObject({ start: 0.5, earlier: ['to 0.5'] });
});

test('what is set for some, for a time or by chance does not move the start', () => {
  const set = { variable: 'imitation', operation: 'set', value: 0.5 } as const;
  const narrowed = [
    scriptOf({ ...set, scope: { segments: ['young'] } }),
    scriptOf({ ...set, scope: { start_tick: 6 } }),
    scriptOf({ ...set, scope: { end_tick: 9 } }),
    scriptOf({ ...set, probability: 0.5 }),
    scriptOf({ ...set, intensity: { kind: 'lagged', lag_ticks: 3 } }),
    scriptOf({ ...set, condition: { outcome: 'adopted', comparison: '>', value: 0.1 } }),
  ];
  for (const script of narrowed) expect(only(imitation, [script]).start).toBe(0.38);
});

test('only what differs is sent, and what differs by persona as a factor', () => {
  const all = tunables([imitation, mediaUse, variableOf('price')], []);
  const entries = { imitation: '0.5', media_use: '-20', price: '1' };
  expect(tuneRequest(all, entries, ' Louder ')).toEqual({
    values: { imitation: 0.5, media_use: { operation: 'multiply', value: 0.8 } },
    label: 'Louder',
  });
  expect(tuneRequest(all, { imitation: '0.38', price: '' }, '')).toEqual({ values: {} });
});

test('a value outside its range is named with the range', () => {
  expect(entryError(only(), { imitation: '0.9' })).toBe('From 0 to 0.8.');
  expect(entryError(only(), { imitation: 'much' })).toBe('From 0 to 0.8.');
  expect(entryError(only(), { imitation: '0.8' })).toBeUndefined();
  expect(entryError(only(mediaUse), { media_use: '-101' })).toBe('A change of at least −100 %.');
  expect(entryError(only(mediaUse), { media_use: '250' })).toBeUndefined();
  expect(changedTo(only(), { imitation: '' })).toBeNull();
});

test('a slider reaches both ends exactly and comes back to where it was put', () => {
  const ranges = [
    { minimum: 0, maximum: 0.8 },
    { minimum: -5, maximum: 30 },
    { minimum: 0.01, maximum: 100 },
    { minimum: 0, maximum: 10_000 },
  ];
  for (const range of ranges) {
    expect(sliderValue(range, 0)).toBe(range.minimum);
    expect(sliderValue(range, 100)).toBe(range.maximum);
    for (const position of [1, 37, 50, 99]) {
      expect(sliderPosition(range, sliderValue(range, position))).toBe(position);
    }
  }
});

test('a range over powers of ten puts its middle power in the middle', () => {
  expect(sliderPosition({ minimum: 0.01, maximum: 100 }, 1)).toBe(50);
  expect(sliderValue({ minimum: 0.01, maximum: 100 }, 75)).toBe(10);
});
