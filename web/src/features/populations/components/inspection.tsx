import { useState } from 'react';
import type { ColumnSummary, PopulationDetail } from '@/api/generated/types.gen';
import { bytes, count, counted, significant } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { Tabs } from '@/ui/tabs';

const COLUMNS: ReadonlyArray<Column<ColumnSummary>> = [
  {
    key: 'name',
    header: 'Column',
    cell: (c) => (
      <>
        <code className="font-mono">{c.name}</code>
        {c.label ? <span className="block text-t3">{c.label}</span> : null}
      </>
    ),
  },
  { key: 'type', header: 'Type', cell: (c) => c.type },
  { key: 'distinct', header: 'Distinct', numeric: true, cell: (c) => count(c.distinct) },
  {
    key: 'missing',
    header: 'Missing',
    numeric: true,
    cell: (c) => (
      <span className={c.missing > 0 ? 'text-warn' : undefined}>{count(c.missing)}</span>
    ),
  },
  {
    key: 'range',
    header: 'Range or examples',
    cell: (c) => (
      <>
        <span className="font-mono text-t2">
          {c.minimum != null && c.maximum != null
            ? `${significant(c.minimum, 5)} – ${significant(c.maximum, 5)}`
            : c.examples.slice(0, 6).join(', ')}
        </span>
        <NoAnswer column={c} />
      </>
    ),
  },
];

/** Codes that the file itself declares to mean no answer. */
function NoAnswer({ column }: { column: ColumnSummary }) {
  const codes = column.no_answer ?? [];
  if (codes.length === 0) return null;
  const said = codes.map(({ code, rows }) => `${code} (${count(rows)})`).join(', ');
  return <span className="block text-t3">No answer: {said}</span>;
}

/** What the server saw in the file: its columns, and the first rows as they are. */
export function Inspection({ population }: { population: PopulationDetail }) {
  const [tab, setTab] = useState<'columns' | 'preview'>('columns');
  const rows = population.rows_estimated;
  const size = bytes(population.size_bytes);
  return (
    <Panel
      title={population.file_name}
      caption={[rows == null ? null : `about ${counted(rows, 'row', 'rows')}`, size]
        .filter(Boolean)
        .join(' · ')}
      flush
    >
      <Personal population={population} />
      <Tabs
        label="Content of the file"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: 'columns',
            label: `Columns (${population.columns.length})`,
            content: (
              <div className="-mt-4 max-h-80 overflow-y-auto">
                <DataTable
                  caption="Columns of the file"
                  columns={COLUMNS}
                  rows={population.columns}
                  rowKey={(column) => column.name}
                />
              </div>
            ),
          },
          { value: 'preview', label: 'First rows', content: <Preview population={population} /> },
        ]}
      />
    </Panel>
  );
}

/** Columns that look personal are named, so that leaving them out is no surprise. */
function Personal({ population }: { population: PopulationDetail }) {
  const personal = population.personal_data ?? [];
  if (personal.length === 0) return null;
  return (
    <p className="px-5 pb-3 text-control text-t2">
      Left out because it looks personal:{' '}
      {personal.map(({ column, reason }, index) => (
        <span key={column}>
          {index > 0 ? '; ' : ''}
          <code className="font-mono">{column}</code> ({reason})
        </span>
      ))}
      .
    </p>
  );
}

function Preview({ population }: { population: PopulationDetail }) {
  const rows = population.preview.map((cells, index) => ({ index, cells }));
  const columns = population.columns.map((column) => ({
    key: column.name,
    header: <code className="font-mono">{column.name}</code>,
    numeric: column.type !== 'text',
    cell: (row: (typeof rows)[number]) => row.cells[column.name] ?? '',
  }));
  return (
    <div className="-mt-4">
      <DataTable
        caption="First rows of the file"
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.index)}
      />
    </div>
  );
}
