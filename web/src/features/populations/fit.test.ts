import { expect, test } from 'vitest';
import type { FitReport } from '@/api/generated/types.gen';
import { fitCells, signedPoints } from './fit';
import { STANDARD_SYNTHESIS, synthesisErrors } from './synthesis';

test('the largest deviation comes first, whatever its sign', () => {
  const report = {
    marginals: [
      { name: 'choice', categories: ['gas', 'pump'], target: [60, 40], achieved: [60.1, 39.9] },
      { name: 'region', categories: ['coast'], target: [50], achieved: [49.2] },
    ],
  } as FitReport;
  const cells = fitCells(report);
  expect(cells.map((cell) => cell.category)).toEqual(['coast', 'gas', 'pump']);
  expect(signedPoints(cells[0]?.off ?? 0)).toBe('−0.80\u00a0pp');
  expect(signedPoints(0.1)).toBe('+0.10\u00a0pp');
  expect(signedPoints(0.001)).toBe('0.00\u00a0pp');
});

test('synthesis refuses what the server would refuse, with the range', () => {
  expect(synthesisErrors(STANDARD_SYNTHESIS)).toEqual({});
  expect(synthesisErrors({ ...STANDARD_SYNTHESIS, personas: 99 })).toEqual({
    personas: 'A whole number from 100 to 1,000,000.',
  });
  expect(synthesisErrors({ ...STANDARD_SYNTHESIS, personas: 1000.5 }).personas).toBeDefined();
  expect(synthesisErrors({ ...STANDARD_SYNTHESIS, mean_degree: Number.NaN }).mean_degree).toBe(
    'A number from 0 to 100.',
  );
});
