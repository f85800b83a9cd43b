import type { Comparison, SeriesPair } from '@/api/generated/types.gen';
import { points, share } from '@/lib/format';

/** Base, branch and difference by month, for the page and for the CSV. */
export function monthsTable(
  comparison: Comparison,
  series: readonly SeriesPair[],
  label: (name: string) => string,
) {
  return {
    columns: [
      'Alternative',
      'Month',
      'Base low',
      'Base median',
      'Base high',
      'Branch low',
      'Branch median',
      'Branch high',
      'Difference low',
      'Difference median',
      'Difference high',
    ],
    rows: series.flatMap((pair) =>
      comparison.ticks.map((tick, index) => [
        label(pair.alternative),
        tick,
        ...[pair.base, pair.branch, pair.difference].flatMap((band) => [
          band.low[index] ?? null,
          band.median[index] ?? null,
          band.high[index] ?? null,
        ]),
      ]),
    ),
    format: (value: number, column: number) => {
      if (column === 1) return `${value}`;
      return column < 8 ? share(value, 0.01) : points(value, 0.01);
    },
  };
}
