import { compilationOf } from '@tests/factories/asks';
import { expect, test } from 'vitest';
import { compilerWords, markQuestion } from './wording';

test('a question is cut into what was understood, what was not, and the rest', () => {
  const question = 'What if wind gets cheaper and heat pumps cost $500?';
  const pieces = markQuestion(
    question,
    compilationOf({
      understood: [{ text: 'heat pumps cost $500', sentence: 'price of heat pump 500' }],
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
      understood: [
        { text: 'pumps', sentence: '' },
        { text: 'boilers', sentence: '' },
        { text: '', sentence: 'asked before words were kept' },
      ],
      unmapped: [{ text: 'heat pumps', code: 'unknown', message: '', nearest: [] }],
    }),
  );
  expect(pieces).toEqual([{ text: 'heat pumps', kind: 'unmapped', start: 0 }]);
});

test('the rule-based compiler is called that', () => {
  expect(compilerWords(compilationOf())).toBe('rule-based compiler 1.0.0');
  expect(compilerWords(compilationOf({ compiler: 'profile fast' }))).toBe('profile fast 1.0.0');
});
