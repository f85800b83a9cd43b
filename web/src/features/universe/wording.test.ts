import { nodeOf, strip, variableOf } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type { EventScriptWire } from '@/api/generated/types.gen';
import { cardName, differenceSentence, operationWords, variableTitle } from './wording';

/** Spaces that keep a number and its unit together read as plain ones here. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

function script(change: Partial<EventScriptWire>): EventScriptWire {
  return {
    variable: 'installation_cost.hp',
    operation: 'multiply',
    value: 0.7,
    scope: {},
    ...change,
  };
}

test('an unclear difference says so before its numbers', () => {
  const words = plain(differenceSentence({ low: -0.01, median: 0, high: 0.02 }));
  expect(words).toBe('No clear difference from the baseline: −1 to +2 pp.');
  expect(plain(differenceSentence({ low: -0.1, median: -0.07, high: -0.04 }))).toBe(
    'Clearly lower than the baseline: −10 to −4 pp.',
  );
});

test('a card says its name, state, interval and difference', () => {
  const node = nodeOf('a', {
    label: 'Cheaper',
    parent_id: 'root',
    difference: strip(0.02, 0.03, 0.04),
  });
  expect(plain(cardName(node))).toBe(
    'Cheaper, explored, 5–7 %, median 6 %, Clearly higher than the baseline: +2 to +4 pp.',
  );
  const waiting = nodeOf('b', { label: 'Dearer', status: 'not_run', outcome: null });
  expect(cardName(waiting)).toBe('Dearer, not run');
});

test('an operation is written as it will be applied', () => {
  expect(plain(operationWords(script({}), 'USD'))).toBe('−30 % (× 0.7)');
  expect(plain(operationWords(script({ value: 1.2 }), 'USD'))).toBe('+20 % (× 1.2)');
  expect(plain(operationWords(script({ operation: 'add', value: -400 }), 'USD'))).toBe('−$400');
  expect(plain(operationWords(script({ operation: 'set', value: 500 }), 'USD'))).toBe(
    'set to $500',
  );
});

test('a step of a percentage is in points, its value in its unit', () => {
  const rate = (change: Partial<EventScriptWire>) =>
    plain(operationWords(script(change), '% a year'));
  expect(rate({ operation: 'add', value: 1 })).toBe('+1 pp');
  expect(rate({ operation: 'set', value: 4 })).toBe('set to 4 % a year');
  expect(plain(operationWords(script({ operation: 'add', value: -0.05 }), 'share'))).toBe('−5 pp');
});

test('a variable is called by its name, what an alternative has by its label', () => {
  const chance = variableOf('infection_chance', {
    label: 'chance that an infected neighbour infects',
  });
  expect(variableTitle(chance)).toBe('Infection chance');
  const cost = variableOf('cost.hp', { label: 'cost of heat pump', alternative: 'hp' });
  expect(variableTitle(cost)).toBe('Cost of heat pump');
});
