import { expect, test } from 'vitest';
import { timeLeftWords } from './time-left';

const at = (tick: number, seconds: number) => ({ tick, at: seconds * 1000 });

test('what is left follows the pace that was seen', () => {
  expect(timeLeftWords(at(2, 100), at(12, 150), 36)).toBe('about 2 min left');
  expect(timeLeftWords(at(0, 0), at(18, 40), 36)).toBe('about 40 s left');
});

test('nothing is said before the pace is known, nor of what is soon over', () => {
  expect(timeLeftWords(at(4, 0), at(4, 60), 36)).toBe('');
  expect(timeLeftWords(at(0, 0), at(1, 2), 36)).toBe('');
  expect(timeLeftWords(at(0, 0), at(30, 60), 36)).toBe('');
});
