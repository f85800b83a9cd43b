import type { FitReport } from '@/api/generated/types.gen';
import { count, fixed } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { type FitCell, fitCells, signedPoints } from '../fit';
import type { Label } from '../labels';

const columns = (label: Label): ReadonlyArray<Column<FitCell>> => [
  {
    key: 'name',
    header: 'Group',
    cell: (c) => (
      <>
        <span className="block first-letter:uppercase">{label(c.category)}</span>
        <span className="block text-caption text-t3 sm:hidden">{c.marginal}</span>
      </>
    ),
  },
  {
    key: 'marginal',
    header: 'Of',
    className: 'max-sm:hidden',
    cell: (c) => <span className="text-t2">{c.marginal}</span>,
  },
  { key: 'target', header: 'Survey %', numeric: true, cell: (c) => fixed(c.target, 2) },
  { key: 'achieved', header: 'Personas %', numeric: true, cell: (c) => fixed(c.achieved, 2) },
  { key: 'off', header: 'Off by', numeric: true, cell: (c) => signedPoints(c.off) },
];

/** Survey against personas, the worst first. */
export function FitTable({ report, label }: { report: FitReport; label: Label }) {
  return (
    <Panel
      title="Fit to the survey"
      caption={`${report.method}; SRMSE ${fixed(report.srmse, 4)}; ${count(report.total_absolute_error)} persons out of place over all marginals.`}
      flush
    >
      <div className="max-h-96 overflow-y-auto border-t border-line">
        <DataTable
          caption="Marginals, worst first"
          columns={columns(label)}
          rows={fitCells(report)}
          rowKey={(c) => `${c.marginal} ${c.category}`}
        />
      </div>
    </Panel>
  );
}
