import { useState } from 'react';
import type { Call, CallDetail } from '@/api/generated/types.gen';
import { count, dateTime, money } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { type Column, DataTable } from '@/ui/data-table';
import { Sheet } from '@/ui/dialog';
import { MoreButton } from '@/ui/more-button';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { useLLMCall, useLLMCalls } from '../queries';

/** Every call, the newest first; a press shows its attempts. */
export function CallsPanel() {
  const calls = useLLMCalls();
  const [open, setOpen] = useState<string | null>(null);
  const rows = calls.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Calls" flush>
      {calls.error ? <ErrorState problem={toProblem(calls.error)} /> : null}
      {calls.isPending ? <Loading label="Loading calls" /> : null}
      {calls.data && rows.length === 0 ? (
        <Empty title="No call yet">Each call to a language model will stand here.</Empty>
      ) : null}
      {rows.length > 0 ? (
        <DataTable
          caption="Calls"
          columns={columns(setOpen)}
          rows={rows}
          rowKey={({ id }) => id}
          isSelected={({ id }) => id === open}
        />
      ) : null}
      <MoreButton list={calls}>Older calls</MoreButton>
      {open ? <CallSheet callId={open} onClose={() => setOpen(null)} /> : null}
    </Panel>
  );
}

function columns(onOpen: (callId: string) => void): Column<Call>[] {
  return [
    {
      key: 'time',
      header: 'Time',
      cell: (call) => (
        <button
          type="button"
          onClick={() => onOpen(call.id)}
          className="min-h-6 whitespace-nowrap text-t1 underline-offset-4 hover:text-accent hover:underline"
        >
          {dateTime(call.created_at)}
        </button>
      ),
    },
    { key: 'state', header: 'State', cell: (call) => call.error_code ?? call.state },
    { key: 'profile', header: 'Profile', cell: (call) => call.profile_key ?? '—' },
    { key: 'model', header: 'Model', cell: (call) => call.served_model ?? call.requested_model },
    { key: 'feature', header: 'Feature', cell: (call) => call.feature ?? '—' },
    { key: 'cost', header: 'Cost', numeric: true, cell: (call) => money(call.cost_usd) },
    { key: 'ms', header: 'ms', numeric: true, cell: (call) => count(call.total_ms) },
  ];
}

function CallSheet({ callId, onClose }: { callId: string; onClose: () => void }) {
  const call = useLLMCall(callId);
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()} title="A call">
      <Resource query={call}>{(detail) => <CallFacts call={detail} />}</Resource>
    </Sheet>
  );
}

/** The ledger's row of a call, and the attempts that it took. */
export function CallFacts({ call }: { call: CallDetail }) {
  return (
    <div className="grid gap-4">
      <Facts
        items={[
          ['State', call.error_code ? `${call.state}: ${call.error_code}` : call.state],
          ['Asked', call.requested_model],
          ['Answered by', call.served_model ?? '—'],
          ['Project', call.project_id ?? '—'],
          ['Feature', call.feature ?? '—'],
          ['Tokens in', count(call.input_tokens)],
          ['Tokens out', count(call.output_tokens)],
          ['Cost', `${money(call.cost_usd)} (${call.cost_source ?? 'not settled'})`],
          ['Held', money(call.hold_usd)],
          ['Took', `${count(call.total_ms)} ms`],
        ]}
      />
      <DataTable
        caption="Attempts"
        columns={attemptColumns}
        rows={call.attempts}
        rowKey={({ number }) => `${number}`}
      />
    </div>
  );
}

const attemptColumns: Column<CallDetail['attempts'][number]>[] = [
  { key: 'number', header: 'Attempt', cell: ({ number }) => number },
  { key: 'model', header: 'Model', cell: ({ provider, model }) => `${provider}/${model}` },
  { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => outcome },
  { key: 'ms', header: 'ms', numeric: true, cell: (attempt) => count(attempt.duration_ms) },
];
