import type { PrivacyRequest } from '@/api/generated/types.gen';
import { ago, bytes, dateTime, utc } from '@/lib/format';
import { Badge, type Tone } from '@/ui/badge';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { isUnderWay, useDownloadExport } from '../queries';

/** What was asked for, how far it is, and the way to a finished export. */
export function RequestsTable({ requests }: { requests: readonly PrivacyRequest[] }) {
  return (
    <DataTable
      caption="Exports and deletions, newest first"
      columns={columns}
      rows={requests}
      rowKey={(request) => request.id}
    />
  );
}

const TONES: Record<PrivacyRequest['status'], Tone> = {
  queued: 'neutral',
  running: 'accent',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'neutral',
};

const SUBJECTS: Record<PrivacyRequest['subject'], string> = {
  user: 'what is kept of one member',
  organization: 'the organization',
};

const columns: Column<PrivacyRequest>[] = [
  {
    key: 'what',
    header: 'What',
    cell: ({ kind, subject }) => (
      <span className="text-t1">
        {kind === 'export' ? 'Export' : 'Deletion'} of {SUBJECTS[subject]}
      </span>
    ),
  },
  {
    key: 'asked',
    header: 'Asked for',
    cell: ({ created_at: at }) => (
      <time dateTime={at} title={utc(at)} className="whitespace-nowrap">
        {ago(at)}
      </time>
    ),
  },
  {
    key: 'status',
    header: 'Status',
    cell: (request) => (
      <Badge tone={TONES[request.status]}>
        {isUnderWay(request) ? 'being written' : request.status}
      </Badge>
    ),
  },
  {
    key: 'until',
    header: 'Kept until',
    cell: ({ expires_at: at }) => (at ? dateTime(at) : null),
  },
  {
    key: 'file',
    header: <span className="sr-only">File</span>,
    cell: (request) => (request.size_bytes === null ? null : <Download request={request} />),
  },
];

function Download({ request: { id, size_bytes } }: { request: PrivacyRequest }) {
  const download = useDownloadExport();
  return (
    <span className="flex justify-end">
      <Button
        size="small"
        busy={download.isPending}
        onClick={() => download.mutate(id, { onError: complain })}
      >
        Download, {bytes(size_bytes)}
      </Button>
    </span>
  );
}
