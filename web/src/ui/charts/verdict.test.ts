import { expect, test } from 'vitest';
import { verdict } from './verdict';

test('a difference is clear only when its interval leaves out zero', () => {
  expect(verdict({ low: 0.01, high: 0.03 })).toBe('up');
  expect(verdict({ low: -0.03, high: -0.01 })).toBe('down');
  expect(verdict({ low: -0.01, high: 0.05 })).toBe('unclear');
  expect(verdict({ low: 0, high: 0.05 })).toBe('unclear');
});
