import type { Coefficient, EstimationReport } from '@/api/generated/types.gen';
import { count, fixed, significant } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import type { Label } from '../labels';

const COLUMNS: ReadonlyArray<Column<Coefficient>> = [
  {
    key: 'label',
    header: 'Coefficient',
    cell: (c) => <span className="block first-letter:uppercase">{c.label}</span>,
  },
  { key: 'estimate', header: 'Estimate', numeric: true, cell: (c) => significant(c.estimate, 6) },
  { key: 'se', header: 'Std. error', numeric: true, cell: (c) => significant(c.standard_error, 3) },
  { key: 'z', header: 'z', numeric: true, cell: (c) => fixed(c.z, 2) },
];

/** What the survey says about choosing: the fitted model with its standard errors. */
export function EstimationTable({ report, label }: { report: EstimationReport; label: Label }) {
  return (
    <Panel
      title="What drives the choice"
      caption={`${report.method}; the reference is ${label(report.reference_alternative)}.`}
      flush
    >
      <div className="border-t border-line">
        <DataTable
          caption="Estimated coefficients"
          columns={COLUMNS}
          rows={report.coefficients}
          rowKey={(c) => c.name}
        />
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 border-t border-line px-4 py-2.5 text-control">
        <Measure name="Log-likelihood" value={fixed(report.log_likelihood, 2)} />
        <Measure name="without model" value={fixed(report.null_log_likelihood, 2)} />
        <Measure name="McFadden R²" value={fixed(report.mcfadden_r2, 3)} />
        <Measure name="Choices" value={count(report.observations)} />
      </dl>
    </Panel>
  );
}

function Measure({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-2">
      <dt className="text-t3">{name}</dt>
      <dd className="font-mono">{value}</dd>
    </div>
  );
}
