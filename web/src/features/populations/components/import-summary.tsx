import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ImportReport, PopulationDetail, RefusedRow } from '@/api/generated/types.gen';
import { count, counted } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { ErrorState, Partial } from '@/ui/states';
import type { Label } from '../labels';
import { downloadRefusedRows } from '../queries';

const SHOWN = 50;

const COLUMNS: ReadonlyArray<Column<RefusedRow>> = [
  { key: 'row', header: 'Row', cell: (r) => <span className="font-mono">{count(r.row)}</span> },
  {
    key: 'column',
    header: 'Column',
    cell: (r) => <code className="font-mono">{r.column ?? ''}</code>,
  },
  {
    key: 'value',
    header: 'Value',
    cell: (r) => <code className="font-mono break-all">{r.value ?? ''}</code>,
  },
  { key: 'reason', header: 'Reason', cell: (r) => r.reason, className: 'min-w-52' },
];

/** How many rows came in, and for each that did not, why. */
export function ImportSummary({
  population,
  report,
  label,
}: {
  population: PopulationDetail;
  report: ImportReport;
  label: Label;
}) {
  const queryClient = useQueryClient();
  const download = useMutation({
    mutationFn: () => downloadRefusedRows(queryClient, population.id, population.file_name),
  });
  const shown = report.refused.slice(0, SHOWN);
  return (
    <Panel
      title={`${count(report.rows_imported)} of ${counted(report.rows_read, 'row', 'rows')} imported`}
      caption={report.rows_refused === 0 ? 'No row was refused.' : undefined}
      actions={
        report.rows_refused > 0 ? (
          <Button size="small" busy={download.isPending} onClick={() => download.mutate()}>
            <Download aria-hidden size={14} /> Refused rows
          </Button>
        ) : undefined
      }
    >
      <div className="grid gap-4">
        {download.error ? <ErrorState problem={toProblem(download.error)} /> : null}
        {report.rows_refused > 0 ? (
          <>
            <Partial>
              {counted(report.rows_refused, 'row was', 'rows were')} refused and left out.
              {report.rows_refused > SHOWN ? ` The first ${SHOWN} are listed.` : ''}
            </Partial>
            <div className="-mx-4 max-h-72 overflow-y-auto border-y border-line">
              <DataTable
                caption="Refused rows"
                columns={COLUMNS}
                rows={shown}
                rowKey={(r) => `${r.row} ${r.column} ${r.reason}`}
                totalRows={report.rows_refused}
              />
            </div>
          </>
        ) : null}
        <Counts name="Chose" counts={report.choice_counts} label={label} />
        <Counts name="Regions" counts={report.region_counts} label={label} />
        <Counts name="Segments" counts={report.segment_counts} label={label} />
      </div>
    </Panel>
  );
}

function Counts({
  name,
  counts,
  label,
}: {
  name: string;
  counts: Record<string, number>;
  label: Label;
}) {
  const rows = Object.entries(counts);
  if (rows.length === 0) return null;
  return (
    <div className="text-control">
      <h3 className="text-caption tracking-[0.04em] text-t3">{name}</h3>
      <dl className="mt-1 grid gap-x-6 sm:grid-cols-2">
        {rows.map(([group, n]) => (
          <div key={group} className="flex justify-between gap-3 py-0.5">
            <dt className="min-w-0 truncate text-t2 first-letter:uppercase">{label(group)}</dt>
            <dd className="font-mono">{count(n)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
