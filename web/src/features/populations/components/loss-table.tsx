import type { Loss } from '@/api/generated/types.gen';
import { count, counted } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import type { LossToAccept } from '../mapping';

const COLUMNS: ReadonlyArray<Column<Loss>> = [
  {
    key: 'column',
    header: 'Column',
    cell: (loss) => <code className="font-mono">{loss.column ?? '–'}</code>,
  },
  { key: 'reason', header: 'Reason', cell: (loss) => loss.reason },
  { key: 'rows', header: 'Rows', numeric: true, cell: (loss) => count(loss.rows) },
  {
    key: 'first',
    header: 'First of them',
    cell: (loss) => (
      <span>
        row {count(loss.first_row)}
        {loss.first_value ? (
          <code className="ml-2 font-mono text-t2">{loss.first_value}</code>
        ) : null}
      </span>
    ),
  },
];

/** What an import would leave out, by reason, before anything is frozen. */
export function LossTable({ loss }: { loss: LossToAccept }) {
  return (
    <Panel
      title={`${counted(loss.rows, 'row', 'rows')} of ${count(loss.ofRows)} would be left out`}
      caption="Nothing is imported yet. Correct the file, change what the columns mean, or agree below."
      flush
    >
      <DataTable
        caption="Rows that would be left out, by reason"
        columns={COLUMNS}
        rows={loss.reasons}
        rowKey={(item) => `${item.column} ${item.reason}`}
      />
    </Panel>
  );
}
