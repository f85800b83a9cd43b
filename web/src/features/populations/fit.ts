import type { FitReport } from '@/api/generated/types.gen';
import { fixed } from '@/lib/format';

/** One group of one marginal, in percent. */
export interface FitCell {
  marginal: string;
  category: string;
  target: number;
  achieved: number;
  off: number;
}

/** All groups of all marginals in one list, the largest deviation first. */
export function fitCells(report: FitReport): FitCell[] {
  const cells = report.marginals.flatMap((marginal) =>
    marginal.categories.map((category, index) => {
      const target = marginal.target[index] ?? Number.NaN;
      const achieved = marginal.achieved[index] ?? Number.NaN;
      return { marginal: marginal.name, category, target, achieved, off: achieved - target };
    }),
  );
  return cells.sort((a, b) => Math.abs(b.off) - Math.abs(a.off));
}

/** Percent points with two decimals and their sign. */
export function signedPoints(value: number): string {
  const text = fixed(value, 2);
  return `${value > 0 && Number(value.toFixed(2)) !== 0 ? '+' : ''}${text}\u00a0pp`;
}
