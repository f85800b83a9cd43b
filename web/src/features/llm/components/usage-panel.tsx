import { useState } from 'react';
import type { CacheStatistics, CostRow, Costs } from '@/api/generated/types.gen';
import { count, counted, money, share } from '@/lib/format';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { Options, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Progress } from '@/ui/progress';
import { Resource } from '@/ui/resource';
import {
  type GroupBy,
  useInvalidateLLMCache,
  useLLMCache,
  useLLMCostReport,
  useLLMCosts,
} from '../queries';

const groups: Record<Exclude<GroupBy, 'tenant'>, string> = {
  day: 'Day',
  profile: 'Profile',
  model: 'Model',
  project: 'Project',
  feature: 'Feature',
  run: 'Run',
  user: 'Person',
  key: 'API key',
};

/** Four cards, and the cost by whatever one asks for. */
export function UsagePanel() {
  const [group, setGroup] = useState<GroupBy>('day');
  const costs = useLLMCosts();
  const cache = useLLMCache();
  const report = useLLMCostReport(group);
  return (
    <Panel
      title="Usage"
      caption="Some seconds behind the calls"
      actions={
        <Select
          aria-label="Cost by"
          value={group}
          onChange={(event) => setGroup(event.currentTarget.value as GroupBy)}
        >
          <Options words={groups} />
        </Select>
      }
    >
      <div className="grid gap-4">
        <Resource query={costs}>{(all) => <Cards costs={all} cache={cache.data} />}</Resource>
        <Resource query={report}>{({ rows }) => <Report rows={rows} group={group} />}</Resource>
        <Forget />
      </div>
    </Panel>
  );
}

function Cards({ costs, cache }: { costs: Costs; cache: CacheStatistics | undefined }) {
  const kept = cache ? cache.cached + cache.coalesced + cache.replayed : 0;
  const unknown =
    costs.unknown_cost_calls > 0
      ? `, and ${counted(costs.unknown_cost_calls, 'call', 'calls')} of unknown cost`
      : '';
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-4">
      <Card name="Calls" value={count(costs.calls)} />
      <Card name="Cost" value={`${money(costs.cost_usd)}${unknown}`} />
      <Card
        name="Tokens in and out"
        value={`${count(costs.input_tokens)} + ${count(costs.output_tokens)}`}
      />
      <Card
        name="Answered from what is kept"
        value={cache && cache.calls > 0 ? share(kept / cache.calls) : '—'}
      />
    </dl>
  );
}

function Card({ name, value }: { name: string; value: string }) {
  return (
    <div className="rounded-md border border-line bg-s2 px-3 py-2">
      <dt className="text-caption text-t3">{name}</dt>
      <dd className="font-mono text-section">{value}</dd>
    </div>
  );
}

function Report({ rows, group }: { rows: readonly CostRow[]; group: GroupBy }) {
  if (rows.length === 0) return <p className="text-control text-t3">No call has been made yet.</p>;
  // Only for the length of a bar; what is written stays a decimal.
  const most = Math.max(...rows.map((row) => Number(row.cost_usd)));
  const columns: Column<CostRow>[] = [
    { key: 'key', header: group, cell: ({ key }) => key || 'none' },
    {
      key: 'bar',
      header: <span className="sr-only">Part of the dearest</span>,
      cell: (row) => (
        <Progress value={Number(row.cost_usd)} max={most} label={`Cost of ${row.key || 'none'}`} />
      ),
      className: 'min-w-32',
    },
    { key: 'cost', header: 'Cost', numeric: true, cell: (row) => money(row.cost_usd) },
    { key: 'calls', header: 'Calls', numeric: true, cell: (row) => count(row.calls) },
    { key: 'in', header: 'Tokens in', numeric: true, cell: (row) => count(row.input_tokens) },
    { key: 'out', header: 'Tokens out', numeric: true, cell: (row) => count(row.output_tokens) },
  ];
  return (
    <DataTable caption={`Cost by ${group}`} columns={columns} rows={rows} rowKey={(r) => r.key} />
  );
}

function Forget() {
  const forget = useInvalidateLLMCache();
  return (
    <p className="flex flex-wrap items-center gap-3 text-caption text-t3">
      <Button
        size="small"
        variant="quiet"
        busy={forget.isPending}
        onClick={() => forget.mutate({ body: {} }, { onError: complain })}
      >
        Forget kept answers
      </Button>
      {forget.data ? `${counted(forget.data.invalidated, 'answer', 'answers')} forgotten.` : null}
    </p>
  );
}
