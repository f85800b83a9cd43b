import type { ClosedForm, Comparison } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { points, pointsRange, share } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';

interface ClosedFormPanelProps {
  comparison: Comparison;
  outcome: string;
}

/** The answer the fitted model gives on paper, beside the simulation with social rules off. */
export function ClosedFormPanel({ comparison, outcome }: ClosedFormPanelProps) {
  if (comparison.closed_form.length === 0) return null;
  const label = (name: string) =>
    comparison.alternatives.find((entry) => entry.name === name)?.label ?? name;
  const main = comparison.closed_form.find((row) => row.alternative === outcome);
  const width = narrowestRange(comparison.closed_form);
  const columns: Column<ClosedForm>[] = [
    {
      key: 'alternative',
      header: 'Alternative',
      cell: (row) => sentenceCase(label(row.alternative)),
    },
    {
      key: 'expected',
      header: 'Expected share',
      numeric: true,
      cell: (row) => `${share(row.base, width)} → ${share(row.branch, width)}`,
    },
    {
      key: 'closed',
      header: 'Closed form difference',
      numeric: true,
      cell: (row) => (
        <>
          {points(row.difference, width)}
          <span className="block text-caption text-t3">
            {pointsRange(row.difference_low, row.difference_high, width)}
          </span>
        </>
      ),
    },
    {
      key: 'simulated',
      header: 'Simulated difference',
      numeric: true,
      cell: (row) => (
        <>
          {points(row.simulated_difference.median, width)}
          <span className="block text-caption text-t3">
            {pointsRange(row.simulated_difference.low, row.simulated_difference.high, width)}
          </span>
        </>
      ),
    },
  ];
  return (
    <Panel
      title={
        main
          ? closedSentence(main, sentenceCase(label(main.alternative)))
          : 'Closed form beside simulation'
      }
      caption="Social rules off on both sides. Small ranges: 90 % of the estimates' sampling distribution for the closed form, 90 % of the replicates for the simulation."
      flush
    >
      <DataTable
        caption="Closed form and simulation with social rules off"
        columns={columns}
        rows={comparison.closed_form}
        rowKey={(row) => row.alternative}
        isSelected={(row) => row.alternative === outcome}
      />
    </Panel>
  );
}

/** Whether the simulation agrees with the formula, said on the data that are shown. */
export function closedSentence(row: ClosedForm, label: string): string {
  const { low, high } = row.simulated_difference;
  const agrees = row.difference_high >= low && row.difference_low <= high;
  return agrees
    ? `${label}: formula and simulation agree`
    : `${label}: formula and simulation differ beyond their intervals`;
}

/** One number of digits for the whole table: that of its narrowest range. */
function narrowestRange(rows: readonly ClosedForm[]): number {
  return Math.min(
    ...rows.flatMap(({ difference_low, difference_high, simulated_difference: simulated }) => [
      difference_high - difference_low,
      simulated.high - simulated.low,
    ]),
  );
}
