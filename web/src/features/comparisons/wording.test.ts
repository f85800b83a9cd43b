import { differenceOf, levelOf, levelStrip } from '@tests/factories/comparisons';
import { heating, illustrative, opinions, strip, surveyed } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import {
  comparedSentence,
  meanSentence,
  outcomeSentence,
  restingOn,
  verdictSentence,
} from './wording';

/** Spaces that keep a number and its unit together read as plain ones here. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

test('an outcome is its interval, with level, number and then the median', () => {
  expect(plain(outcomeSentence(strip(0.27, 0.32, 0.37), 'Heat pump', heating))).toBe(
    'Heat pump: 27–37 % of new installations (90 % of 20 replicates, median 32 %).',
  );
});

test('where people are in a state, a share is of people and time is in its own unit', () => {
  const stance = { ...strip(0.27, 0.32, 0.37), metric: 'stock_share' as const };
  expect(plain(outcomeSentence(stance, 'In favour', opinions))).toBe(
    'In favour: 27–37 % of people (90 % of 20 replicates, median 32 %).',
  );
  const difference = { ...strip(0.02, 0.025, 0.03), from_tick: 52, to_tick: 52 };
  const row = differenceOf('for', { metric: 'stock_share', difference });
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

test('a finding of which nothing is from the file says so first', () => {
  expect(restingOn(illustrative, 'It rose.')).toBe('Illustrative: It rose.');
  expect(restingOn(surveyed, 'It rose.')).toBe('It rose.');
});
