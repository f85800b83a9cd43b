import { Link } from '@tanstack/react-router';
import type { Population } from '@/api/generated/types.gen';
import { ago, count, utc } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Digest } from '@/ui/digest';
import { Status } from '@/ui/status';
import { Tags } from '@/ui/tags';

const COLUMNS: ReadonlyArray<Column<Population>> = [
  {
    key: 'name',
    header: 'Population',
    cell: (p) => (
      <Link
        to="/populations/$populationId"
        params={{ populationId: p.id }}
        className="inline-block py-1 font-medium hover:text-accent hover:underline hover:underline-offset-2"
      >
        {p.name}
        <Tags tags={p.tags ?? []} />
      </Link>
    ),
  },
  { key: 'status', header: 'State', cell: (p) => <Status status={p.status} /> },
  { key: 'personas', header: 'Personas', numeric: true, cell: (p) => count(p.personas) },
  { key: 'file', header: 'From', cell: (p) => <span className="text-t2">{p.file_name}</span> },
  { key: 'digest', header: 'Digest', cell: (p) => (p.digest ? <Digest value={p.digest} /> : '—') },
  {
    key: 'created',
    header: 'Added',
    cell: (p) => (
      <time dateTime={p.created_at} title={utc(p.created_at)} className="whitespace-nowrap text-t2">
        {ago(p.created_at)}
      </time>
    ),
  },
];

export function PopulationsTable({ rows }: { rows: readonly Population[] }) {
  return <DataTable caption="Populations" columns={COLUMNS} rows={rows} rowKey={(p) => p.id} />;
}
