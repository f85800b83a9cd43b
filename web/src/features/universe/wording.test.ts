import { expect, test } from 'vitest';
import type { EventScriptWire } from '@/api/generated/types.gen';
import {
  compilationOf,
  differenceOf,
  heating,
  levelOf,
  levelStrip,
  nodeOf,
  opinions,
  strip,
  variableOf,
} from './fixtures';
import {
  cardName,
  comparedSentence,
  compilerWords,
  differenceSentence,
  markQuestion,
  meanSentence,
  operationWords,
  outcomeSentence,
  storedProblem,
  variableTitle,
  verdict,
  verdictSentence,
} from './wording';

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

test('a difference is clear only when its interval leaves out zero', () => {
  expect(verdict({ low: 0.01, median: 0.02, high: 0.03 })).toBe('up');
  expect(verdict({ low: -0.03, median: -0.02, high: -0.01 })).toBe('down');
  expect(verdict({ low: -0.01, median: 0.02, high: 0.05 })).toBe('unclear');
  expect(verdict({ low: 0, median: 0.02, high: 0.05 })).toBe('unclear');
});

test('an unclear difference says so before its numbers', () => {
  const words = plain(differenceSentence({ low: -0.01, median: 0, high: 0.02 }));
  expect(words).toBe('No clear difference from the baseline: −1 to +2 pp.');
  expect(plain(differenceSentence({ low: -0.1, median: -0.07, high: -0.04 }))).toBe(
    'Clearly lower than the baseline: −10 to −4 pp.',
  );
});

test('an outcome is its interval, with level, number and then the median', () => {
  expect(plain(outcomeSentence(strip(0.27, 0.32, 0.37), 'Heat pump', heating))).toBe(
    'Heat pump: 27–37 % of new installations (90 % of 20 replicates, median 32 %).',
  );
});

test('where people are in a state, a share is of people and time is in its own unit', () => {
  const stance = { ...strip(0.27, 0.32, 0.37), metric: 'stock' as const };
  expect(plain(outcomeSentence(stance, 'In favour', opinions))).toBe(
    'In favour: 27–37 % of people (90 % of 20 replicates, median 32 %).',
  );
  const difference = { ...strip(0.02, 0.025, 0.03), from_tick: 52, to_tick: 52 };
  const row = differenceOf('for', { metric: 'stock', difference });
  expect(plain(comparedSentence(row, 'In favour', opinions))).toBe(
    'In favour: share of people in week 52 is 5–7 % against 3.0–4.0 %: +2.0 to +3.0 pp (90 % of 20 replicates).',
  );
});

test('a mean is told in its unit, both sides and the paired difference', () => {
  expect(plain(meanSentence(levelOf('opinion'), opinions))).toBe(
    'Mean opinion in week 52 is 0.52–0.55 against 0.48–0.50: +0.03 to +0.06 (90 % of 20 replicates).',
  );
  const spending = levelOf('spending', {
    unit: 'USD',
    clear: false,
    base: levelStrip(7400, 7450, 7500),
    branch: levelStrip(7380, 7440, 7490),
    difference: levelStrip(-30, -10, 5),
  });
  expect(plain(meanSentence(spending, { ...opinions, unit: 'quarter' }))).toContain(
    'in quarter 52 is $7,380–$7,490 against $7,400–$7,500: no clear difference, −$30 to +$5',
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

test('a question is cut into what was understood, what was not, and the rest', () => {
  const question = 'What if wind gets cheaper and heat pumps cost $500?';
  const pieces = markQuestion(
    question,
    compilationOf({
      understood: ['heat pumps cost $500'],
      unmapped: [{ text: 'wind gets cheaper', code: 'unknown', message: '', nearest: [] }],
    }),
  );
  expect(pieces.map((piece) => piece.text).join('')).toBe(question);
  expect(pieces.map((piece) => [piece.kind, piece.text])).toEqual([
    ['plain', 'What if '],
    ['unmapped', 'wind gets cheaper'],
    ['plain', ' and '],
    ['understood', 'heat pumps cost $500'],
    ['plain', '?'],
  ]);
});

test('what is not in the question is not marked, what overlaps is marked once', () => {
  const pieces = markQuestion(
    'heat pumps',
    compilationOf({
      understood: ['pumps', 'boilers'],
      unmapped: [{ text: 'heat pumps', code: 'unknown', message: '', nearest: [] }],
    }),
  );
  expect(pieces).toEqual([{ text: 'heat pumps', kind: 'unmapped', start: 0 }]);
});

test('the rule-based compiler is called that', () => {
  expect(compilerWords(compilationOf())).toBe('rule-based compiler 1.0.0');
  expect(compilerWords(compilationOf({ compiler: 'profile fast' }))).toBe('profile fast 1.0.0');
});

test('a stored problem is read as far as it goes', () => {
  expect(storedProblem(null)).toBeNull();
  expect(storedProblem({ title: 'Failed', detail: 1 })).toEqual({
    title: 'Failed',
    detail: '',
    code: '',
  });
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

test('a finding is on a day, in anything longer', () => {
  const days = { ...opinions, unit: 'day' } as const;
  expect(plain(meanSentence(levelOf('opinion'), days))).toContain(' on day ');
  expect(plain(meanSentence(levelOf('opinion'), opinions))).toContain(' in week ');
});

test('beside its range a verdict does not repeat the numbers', () => {
  expect(verdictSentence({ low: 0.01, median: 0.02, high: 0.03 })).toBe(
    'Clearly higher than the baseline.',
  );
  expect(verdictSentence({ low: -0.01, median: 0, high: 0.02 })).toBe(
    'No clear difference from the baseline.',
  );
});

test('a comparison names both sides, the difference and its kind', () => {
  expect(plain(comparedSentence(differenceOf('gc'), 'Central gas', heating))).toBe(
    'Central gas: share of new installations in months 1–36 is 5–7 % against 3.0–4.0 %: +2.0 to +3.0 pp (90 % of 20 replicates).',
  );
  const unclear = differenceOf('gc', { clear: false, difference: strip(-0.02, 0, 0.01) });
  expect(plain(comparedSentence(unclear, 'Central gas', heating))).toContain(
    'no clear difference, −2 to +1 pp',
  );
});
