import { useState } from 'react';
import type {
  ActionUse,
  ActionWire,
  CouplingWire,
  Hybrid,
  HybridResult,
  Project,
  VariableRegistry,
} from '@/api/generated/types.gen';
import { DifferencePanel, LevelsPanel, SeriesPanel } from '@/features/comparisons';
import { BasisNotice, sentenceCase, type Terms, termsOf } from '@/features/runs';
import { count, list, moment, setting, share } from '@/lib/format';
import { Button } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { Partial } from '@/ui/states';
import { actorSides, comparedOf, ledgerWords, moveWords, opensWords, sawWords } from '../hybrids';

interface HybridFindingsProps {
  hybrid: Hybrid;
  result: HybridResult;
  project: Project;
  registry: VariableRegistry;
}

/** What the actors changed, and what each of them did when. */
export function HybridFindings({ hybrid, result, project, registry }: HybridFindingsProps) {
  const terms = termsOf(project);
  const outcome = project.outcome_alternative;
  const comparison = comparedOf(result, hybrid, registry);
  const groups = [...registry.segments, ...registry.regions];
  const actionOf = ({ actor, action }: Pick<ActionUse, 'actor' | 'action'>) =>
    hybrid.request.actors
      .find(({ name }) => name === actor)
      ?.actions.find(({ name }) => name === action);
  return (
    <>
      <BasisNotice basis={hybrid.basis} />
      {comparison ? (
        <>
          <DifferencePanel {...{ comparison, outcome, terms }} sides={actorSides} />
          <SeriesPanel {...{ comparison, outcome, terms }} sides={actorSides} />
          <LevelsPanel
            {...{ comparison, groups, terms }}
            events={[]}
            levels={registry.levels}
            sides={actorSides}
          />
        </>
      ) : (
        <Partial>
          In some replicate nobody chose anew, so no share can be compared. What the actors did is
          told below.
        </Partial>
      )}
      <Panel title={usesSentence(result.uses)} caption={`In ${result.replicates} replicates`} flush>
        <DataTable
          caption="How often each action was used"
          columns={useColumns(registry, terms, actionOf)}
          rows={result.uses}
          rowKey={({ actor, action }) => `${actor} ${action}`}
        />
      </Panel>
      <Ledger {...{ result, registry, terms, outcome, actionOf }} />
    </>
  );
}

type ActionOf = (named: Pick<ActionUse, 'actor' | 'action'>) => ActionWire | undefined;

function usesSentence(uses: readonly ActionUse[]): string {
  const isAlone = new Set(uses.map(({ actor }) => actor)).size === 1;
  const taken = uses
    .filter(({ times }) => times > 0)
    .map(({ actor, action }) => (isAlone ? action : `${actor}: ${action}`));
  return taken.length === 0 ? 'No action was ever taken' : `Taken: ${list(taken)}`;
}

function useColumns(
  registry: VariableRegistry,
  terms: Terms,
  actionOf: ActionOf,
): Column<ActionUse>[] {
  const when = (tick: number | null) => (tick === null ? 'never' : moment(tick, terms.unit));
  return [
    { key: 'action', header: 'Action', cell: ({ action }) => sentenceCase(action) },
    { key: 'actor', header: 'Actor', cell: ({ actor }) => actor },
    {
      key: 'opens',
      header: 'Open while',
      className: 'whitespace-nowrap',
      cell: (row) => opensWords(actionOf(row)?.preconditions ?? [], registry),
    },
    { key: 'times', header: 'Times taken', numeric: true, cell: ({ times }) => count(times) },
    {
      key: 'replicates',
      header: 'Replicates',
      numeric: true,
      cell: (row) => `${count(row.replicates)} (${share(row.share)})`,
    },
    { key: 'first', header: 'Earliest', numeric: true, cell: (row) => when(row.earliest_tick) },
    { key: 'last', header: 'Latest', numeric: true, cell: (row) => when(row.latest_tick) },
  ];
}

interface LedgerProps {
  result: HybridResult;
  registry: VariableRegistry;
  terms: Terms;
  outcome: string;
  actionOf: ActionOf;
}

const page = 20;

function Ledger({ result, registry, terms, outcome, actionOf }: LedgerProps) {
  const [most, setMost] = useState(page);
  const rows = result.ledger.slice(0, most);
  const seenBy = (row: CouplingWire) => [
    ...new Set([...(actionOf(row)?.preconditions ?? []).map(({ quantity }) => quantity), outcome]),
  ];
  const columns: Column<CouplingWire>[] = [
    {
      key: 'tick',
      header: sentenceCase(terms.unit),
      className: 'whitespace-nowrap',
      cell: ({ tick }) => sentenceCase(moment(tick, terms.unit)),
    },
    { key: 'replicate', header: 'Replicate', numeric: true, cell: (row) => row.replicate + 1 },
    {
      key: 'action',
      header: 'Actor and action',
      cell: ({ actor, action, use }) => (
        <>
          {actor}: {action}
          {use > 1 ? <span className="text-t3"> (use {use})</span> : null}
        </>
      ),
    },
    {
      key: 'saw',
      header: `Saw, a ${terms.unit} before`,
      className: 'whitespace-nowrap',
      cell: (row) => sawWords(row, seenBy(row), registry),
    },
    {
      key: 'moved',
      header: 'Moved',
      className: 'whitespace-nowrap',
      cell: ({ moves }) => moves.map((move) => moveWords(move, registry)).join('; '),
    },
    { key: 'spent', header: 'Spent so far', numeric: true, cell: ({ spent }) => setting(spent) },
  ];
  return (
    <Panel title="Ledger" caption={ledgerWords(result, rows.length)} flush>
      {rows.length > 0 ? (
        <DataTable
          caption="Ledger of the actions taken"
          columns={columns}
          rows={rows}
          totalRows={result.taken}
          rowKey={({ tick, replicate, actor, action, use }) =>
            `${tick} ${replicate} ${actor} ${action} ${use}`
          }
        />
      ) : null}
      {rows.length < result.ledger.length ? (
        <div className="border-t border-line px-4 py-3">
          <Button size="small" onClick={() => setMost(most + 5 * page)}>
            Show more
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
