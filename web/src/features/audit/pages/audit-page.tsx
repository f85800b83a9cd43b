import { useNavigate } from '@tanstack/react-router';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { AuditEntrySheet } from '../components/audit-entry-sheet';
import { AuditFilters } from '../components/audit-filters';
import { AuditTable } from '../components/audit-table';
import { AuditTrend } from '../components/audit-trend';
import { type ExportFormat, useAuditLogs, useAuditStats, useExportAuditLogs } from '../queries';
import type { AuditSearch } from '../search';

/** Everything that was done or denied in the organization, found by filters in the address. */
export function AuditPage({ search }: { search: AuditSearch }) {
  const navigate = useNavigate({ from: '/admin/audit' });
  const logs = useAuditLogs(search);
  const stats = useAuditStats(search);
  const show = (change: Partial<AuditSearch>, replace = true) =>
    void navigate({ search: (known) => compact({ ...known, ...change }), replace });
  const entries = logs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Audit"
      lead="Who did what, when and from where. Entries are sealed in a chain and never change."
      wide
      actions={<Exports search={search} />}
    >
      <AuditFilters
        search={search}
        onSearch={show}
        onReset={() => void navigate({ search: {}, replace: true })}
      />
      {stats.data && stats.data.by_day.length > 0 ? (
        <Panel>
          <AuditTrend stats={stats.data} />
        </Panel>
      ) : null}
      {logs.error ? (
        <ErrorState problem={toProblem(logs.error)} onRetry={() => void logs.refetch()} />
      ) : (
        <Panel flush>
          {logs.isPending ? <Loading label="Loading audit entries" rows={8} /> : null}
          {logs.data && entries.length === 0 ? (
            <Empty title="No entry matches">Clear a filter, or choose other days.</Empty>
          ) : null}
          {entries.length > 0 ? (
            <AuditTable
              entries={entries}
              openId={search.entry}
              onOpen={(entry) => show({ entry }, false)}
            />
          ) : null}
        </Panel>
      )}
      <MoreButton list={logs}>Older entries</MoreButton>
      {search.entry ? (
        <AuditEntrySheet entryId={search.entry} onClose={() => show({ entry: undefined })} />
      ) : null}
    </Page>
  );
}

const formats: readonly [ExportFormat, string][] = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['jsonl', 'JSON lines'],
];

function Exports({ search }: { search: AuditSearch }) {
  const exporting = useExportAuditLogs();
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Export what matches</legend>
      {formats.map(([format, name]) => (
        <Button
          key={format}
          size="small"
          aria-label={`Export as ${name}`}
          disabled={exporting.isPending}
          onClick={() => exporting.mutate({ search, format }, { onError: complain })}
        >
          {name}
        </Button>
      ))}
    </fieldset>
  );
}

/** Unset keys leave the address. */
function compact(search: AuditSearch): AuditSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
