import type { ShareDifference } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import { intervalWords } from '@/features/universe';
import { points, pointsRange, share } from '@/lib/format';
import { Figure } from '@/ui/charts/figure';
import { differenceAxis } from '@/ui/charts/geometry';
import { StripTable } from '@/ui/charts/strip-table';
import { Panel } from '@/ui/panel';
import { rowVerdict } from '../wording';
import {
  type Compared,
  comparisonFile,
  comparisonSource,
  nodeSides,
  type Sides,
} from './comparison-source';
import { MedianMove } from './median-move';

interface DifferencePanelProps {
  comparison: Compared;
  outcome: string;
  terms: Terms;
  sides?: Sides;
}

/** The finding, and the difference of every alternative on one axis. */
export function DifferencePanel({
  comparison,
  outcome,
  terms,
  sides = nodeSides,
}: DifferencePanelProps) {
  const rows = askedFirst(comparison.differences, outcome);
  const axis = differenceAxis(rows.flatMap((row) => [row.difference.low, row.difference.high]));
  const label = (name: string) =>
    comparison.alternatives.find((entry) => entry.name === name)?.label ?? name;
  const main = rows.find((row) => row.alternative === outcome);
  return (
    <Panel>
      <Figure
        level={2}
        title={comparison.sentence}
        note={`${intervalWords(comparison.interval)}. Both sides share their random numbers, so the difference is narrower than two intervals apart.${
          main
            ? ` In ${main.branch_higher_of_20} of 20 futures it is higher than in ${sides.reference}.`
            : ''
        }`}
        fileName={comparisonFile(comparison, 'differences')}
        provenance={comparisonSource(comparison, terms, sides)}
        table={{
          columns: [
            'Alternative',
            `${sentenceCase(sides.base)} median`,
            `${sentenceCase(sides.branch)} median`,
            'Difference low',
            'Difference median',
            'Difference high',
          ],
          rows: rows.map((row) => [
            label(row.alternative),
            row.base.median,
            row.branch.median,
            row.difference.low,
            row.difference.median,
            row.difference.high,
          ]),
          format: (value, column) => (column < 3 ? share(value, 0.01) : points(value, 0.01)),
        }}
      >
        <StripTable
          caption={comparison.sentence}
          labelHeader="Alternative"
          valueHeader="Difference"
          axis={axis}
          format={points}
          reference={0}
          rows={rows.map((row) => ({
            id: row.alternative,
            label: <MedianMove row={row} label={label(row.alternative)} />,
            ...row.difference,
            text: pointsRange(row.difference.low, row.difference.high),
            verdict: sides.verdicts[rowVerdict(row)],
            tone: rowVerdict(row),
          }))}
        />
      </Figure>
    </Panel>
  );
}

/** The alternative that was asked about, then the largest movers. */
function askedFirst(rows: readonly ShareDifference[], asked: string): ShareDifference[] {
  const size = (row: ShareDifference) =>
    row.alternative === asked ? Number.POSITIVE_INFINITY : Math.abs(row.difference.median);
  return [...rows].sort((a, b) => size(b) - size(a));
}
