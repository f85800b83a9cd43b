import { heating } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type { EventMark } from '@/api/generated/types.gen';
import { happenedWords, reachedWords } from './persona-panel';

const names = {
  label: (name: string) => ({ hp: 'heat pump', gc: 'gas' })[name] ?? name,
  terms: heating,
};
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('what a persona chose is told in the order of time', () => {
  const start = { tick: 0, alternative: 'gc' };
  expect(happenedWords({ choices: [start] }, names)).toBe('Starts with “gas” and keeps it.');
  const choices = [start, { tick: 7, alternative: 'hp' }, { tick: 9, alternative: 'gc' }];
  expect(plain(happenedWords({ choices }, names))).toBe(
    'Starts with “gas”; “heat pump” from month 7, “gas” from month 9.',
  );
});

test('of the changes only those for the persona are named', () => {
  const event = (label: string): EventMark => ({
    label,
    variable: 'price',
    start_tick: 1,
    end_tick: 6,
    personas: 9,
    mean_before: 1,
    mean_after: 2,
  });
  const events = [event('tax'), event('')];
  expect(reachedWords({ reached_by: [0, 1] }, events)).toBe('Reached by “tax”, “price”.');
  expect(reachedWords({ reached_by: [] }, events)).toBe('None of the changes is for this persona.');
  expect(reachedWords({ reached_by: [] }, [])).toBe('Nothing is changed in this run.');
});
