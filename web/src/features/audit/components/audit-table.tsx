import type { AuditEntry } from '@/api/generated/types.gen';
import { dateTime, utc } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';

interface AuditTableProps {
  entries: readonly AuditEntry[];
  openId: string | undefined;
  onOpen: (entryId: string) => void;
}

/** Who did what to what, when and from where, the newest first. */
export function AuditTable({ entries, openId, onOpen }: AuditTableProps) {
  return (
    <DataTable
      caption="Audit entries"
      columns={columns(onOpen)}
      rows={entries}
      rowKey={(entry) => entry.id}
      isSelected={(entry) => entry.id === openId}
    />
  );
}

function columns(onOpen: (entryId: string) => void): Column<AuditEntry>[] {
  return [
    {
      key: 'action',
      header: 'Action',
      cell: (entry) => (
        <button
          type="button"
          onClick={() => onOpen(entry.id)}
          className="min-h-6 font-mono text-t1 underline-offset-4 hover:text-accent hover:underline"
        >
          {entry.action}
        </button>
      ),
    },
    {
      key: 'time',
      header: 'Time',
      cell: ({ occurred_at: at }) => (
        <time dateTime={at} title={utc(at)} className="whitespace-nowrap">
          {dateTime(at)}
        </time>
      ),
    },
    { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => <Outcome outcome={outcome} /> },
    {
      key: 'actor',
      header: 'Actor',
      cell: ({ actor }) => (
        <>
          {actor.kind}
          <code className="block font-mono text-caption text-t3">{actor.id?.slice(0, 8)}</code>
        </>
      ),
    },
    {
      key: 'resource',
      header: 'Resource',
      cell: (entry) => (
        <>
          {entry.resource_type}
          <code className="block font-mono text-caption text-t3">
            {entry.resource_id?.slice(0, 8)}
          </code>
        </>
      ),
    },
    {
      key: 'ip',
      header: 'Address',
      cell: (entry) => <span className="font-mono text-caption">{entry.ip ?? '—'}</span>,
    },
  ];
}

const outcomeClass: { [outcome: string]: string } = { denied: 'text-warn', failure: 'text-bad' };

export function Outcome({ outcome }: Pick<AuditEntry, 'outcome'>) {
  return <span className={outcomeClass[outcome] ?? 'text-t2'}>{outcome}</span>;
}
