import type { AuditEntryDetail } from '@/api/generated/types.gen';
import { count, dateTime, utc } from '@/lib/format';
import { DataTable } from '@/ui/data-table';
import { Sheet } from '@/ui/dialog';
import { Digest } from '@/ui/digest';
import { Facts } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { type Change, changesBetween } from '../diff';
import { useAuditLog } from '../queries';
import { Outcome } from './audit-table';

interface AuditEntrySheetProps {
  entryId: string;
  onClose: () => void;
}

/** One entry whole: what it changed, who did it, and whether it is sealed. */
export function AuditEntrySheet({ entryId, onClose }: AuditEntrySheetProps) {
  const entry = useAuditLog(entryId);
  return (
    <Sheet
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={entry.data?.action ?? 'Audit entry'}
    >
      <Resource query={entry}>
        {(detail) => (
          <div className="grid gap-5">
            <Changes changes={changesBetween(detail.before, detail.after)} />
            <Circumstances entry={detail} />
            <Seal entry={detail} />
          </div>
        )}
      </Resource>
    </Sheet>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) {
    return <p className="text-control text-t2">The entry records no change of a field.</p>;
  }
  const value = (text: string | null) =>
    text === null ? (
      <span className="text-t3">—</span>
    ) : (
      <code className="font-mono text-caption break-all">{text}</code>
    );
  return (
    <DataTable
      caption="What changed"
      columns={[
        { key: 'field', header: 'Field', cell: (change) => change.field },
        { key: 'before', header: 'Before', cell: (change) => value(change.before) },
        { key: 'after', header: 'After', cell: (change) => value(change.after) },
      ]}
      rows={changes}
      rowKey={(change) => change.field}
    />
  );
}

function Circumstances({ entry }: { entry: AuditEntryDetail }) {
  const { actor, occurred_at: at } = entry;
  return (
    <Facts
      items={[
        [
          'Time',
          <time key="at" dateTime={at} title={utc(at)}>
            {dateTime(at)}
          </time>,
        ],
        ['Outcome', <Outcome key="outcome" outcome={entry.outcome} />],
        ['Actor', `${actor.kind} ${actor.id ?? ''}`],
        ['Credential', entry.credential_kind ?? '—'],
        ['Resource', `${entry.resource_type} ${entry.resource_id ?? ''}`],
        ['Address', entry.ip ?? '—'],
        ['Client', entry.agent ?? '—'],
        ['Request', entry.request_id ?? '—'],
      ]}
    />
  );
}

function Seal({ entry: { seal } }: { entry: AuditEntryDetail }) {
  if (!seal) {
    return <p className="text-control text-t2">Not sealed yet.</p>;
  }
  return (
    <Facts
      items={[
        ['Sealed', dateTime(seal.sealed_at)],
        ['Position', count(seal.position)],
        ['Chain', <Digest key="chain" value={seal.chain_hash} name="chain hash" />],
      ]}
    />
  );
}
