import type { Band, SeriesPair } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import { amount, amountSigned, points, share } from '@/lib/format';
import type { FigureTable } from '@/ui/charts/figure';
import { type Compared, nodeSides, type Sides } from './comparison-source';

type Pair = Pick<SeriesPair, 'base' | 'branch' | 'difference'>;

/** Base, branch and difference by tick, for the page and for the CSV. */
export function ticksTable(
  comparison: Compared,
  series: readonly SeriesPair[],
  label: (name: string) => string,
  terms: Terms,
  sides = nodeSides,
): FigureTable {
  return {
    columns: columnsOf('Alternative', terms, sides),
    rows: series.flatMap((pair) => rowsOf(comparison.ticks, pair, label(pair.alternative))),
    format: (value, column) => {
      if (column === 1) return `${value}`;
      return column < 8 ? share(value, 0.01) : points(value, 0.01);
    },
  };
}

/** The same for the mean of a level, in its unit. */
export function meansTable(
  comparison: Compared,
  pair: Pair,
  label: string,
  terms: Terms,
  sides = nodeSides,
): FigureTable {
  return {
    columns: columnsOf('Mean', terms, sides),
    rows: rowsOf(comparison.ticks, pair, label),
    format: (value, column) => {
      if (column === 1) return `${value}`;
      return column < 8 ? amount(value, 0) : amountSigned(value, 0);
    },
  };
}

function columnsOf(first: string, { unit }: Terms, { base, branch }: Sides): string[] {
  const ranges = [base, branch, 'difference']
    .map(sentenceCase)
    .flatMap((side) => ['low', 'median', 'high'].map((end) => `${side} ${end}`));
  return [first, sentenceCase(unit), ...ranges];
}

function rowsOf(ticks: readonly number[], pair: Pair, label: string) {
  return ticks.map((tick, index) => [
    label,
    tick,
    ...[pair.base, pair.branch, pair.difference].flatMap((band) => at(band, index)),
  ]);
}

function at({ low, median, high }: Band, index: number): (number | null)[] {
  return [low[index] ?? null, median[index] ?? null, high[index] ?? null];
}
