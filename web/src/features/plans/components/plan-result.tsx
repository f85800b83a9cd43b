import { useNavigate } from '@tanstack/react-router';
import type {
  PathWire,
  Plan,
  PlanResult,
  PruningWire,
  VariableRegistry,
} from '@/api/generated/types.gen';
import { BasisNotice, sentenceCase, type Terms } from '@/features/runs';
import { verdictWords } from '@/features/universe';
import { count, list, share } from '@/lib/format';
import { Button } from '@/ui/button';
import { differenceAxis } from '@/ui/charts/geometry';
import { StripTable } from '@/ui/charts/strip-table';
import { verdict } from '@/ui/charts/verdict';
import { type Column, DataTable } from '@/ui/data-table';
import { Disclosure } from '@/ui/disclosure';
import { Panel } from '@/ui/panel';
import {
  constraintWords,
  costWords,
  missWords,
  type Scale,
  scaleOf,
  scriptsOf,
  stepsWords,
  wayOut,
} from '../plans';
import { useBranch } from '../queries';

interface PlanResultProps {
  plan: Plan;
  result: PlanResult;
  registry: VariableRegistry;
  terms: Terms;
}

type Miss = (constraint: string, amount: number) => string;

/** The best paths by their own ensembles, and what each constraint stood in the way of. */
export function PlanFindings({ plan, result, registry, terms }: PlanResultProps) {
  const scale = scaleOf(plan.request, registry);
  const miss: Miss = (name, amount) => missWords(plan.request, name, amount, registry);
  return (
    <>
      <BasisNotice basis={plan.basis} />
      {result.infeasibility ? (
        <NoAnswer plan={plan} infeasibility={result.infeasibility} terms={terms} miss={miss} />
      ) : (
        <Paths {...{ plan, result, scale, terms }} />
      )}
      {result.prunings.length > 0 ? (
        <Panel
          title="What the constraints cut"
          caption={`${count(result.explored)} paths explored, ${count(result.evaluated)} run as ensembles, ${count(result.dominated)} dominated`}
          flush
        >
          <DataTable
            caption="What each constraint cut"
            columns={pruningColumns(terms, miss)}
            rows={result.prunings}
            rowKey={(row) => row.constraint}
          />
        </Panel>
      ) : null}
    </>
  );
}

interface PathsProps extends Omit<PlanResultProps, 'registry'> {
  scale: Scale;
}

function Paths({ plan, result, scale, terms }: PathsProps) {
  const { paths } = result;
  const [best] = paths;
  const title = best ? sentenceCase(stepsWords(best.steps, terms)) : 'No path was found';
  return (
    <Panel
      title={title}
      caption={`Gain over doing nothing, ${share(result.interval_level)} of the replicates, paired`}
    >
      <div className="grid gap-4">
        <StripTable
          caption="The best paths by their own ensembles"
          labelHeader="Path"
          valueHeader="Gain"
          axis={differenceAxis(paths.flatMap((path) => [path.gain_low, path.gain_high]))}
          format={scale.tick}
          reference={0}
          rows={paths.map((path, index) => ({
            ...pathRow(path, index + 1, scale, terms),
            // A value that is sought need not be better than what is.
            ...(plan.request.seek ? { verdict: 'against today' } : {}),
          }))}
        />
        <ul aria-label="Take a path" className="flex flex-wrap gap-2">
          {paths.map((path, index) =>
            path.event_scripts.length > 0 ? (
              <li key={path.digest}>
                <TakePath plan={plan} path={path} number={index + 1} terms={terms} />
              </li>
            ) : null,
          )}
        </ul>
      </div>
    </Panel>
  );
}

function pathRow(path: PathWire, number: number, scale: Scale, terms: Terms) {
  const gain = { low: path.gain_low, median: path.gain_median, high: path.gain_high };
  const kind = verdict(gain);
  return {
    id: path.digest,
    label: (
      <>
        {number}. {sentenceCase(stepsWords(path.steps, terms))}
        <span className="block font-mono text-caption text-t3">
          {scale.value(path)}, {costWords(path.money)}
        </span>
      </>
    ),
    ...gain,
    text: scale.gain(gain.low, gain.high),
    verdict: kind === 'unclear' ? verdictWords.unclear : 'better than doing nothing',
    tone: kind,
  };
}

interface TakePathProps {
  plan: Plan;
  path: PathWire;
  number: number;
  terms: Terms;
}

/** A path as a world version beside the others, with both of its runs. */
function TakePath({ plan, path, number, terms }: TakePathProps) {
  const navigate = useNavigate();
  const { branch, isPending } = useBranch(plan.project_id, plan.node_id);
  const take = () =>
    branch(
      {
        event_scripts: scriptsOf(path),
        label: stepsWords(path.steps, terms).slice(0, 200),
        explanation: 'A path of a plan, taken as it is.',
      },
      (made) =>
        void navigate({
          to: '/projects/$projectId/universe',
          params: { projectId: plan.project_id },
          search: { node: made.id },
        }),
    );
  return (
    <Button size="small" busy={isPending} onClick={take}>
      Make path {number} a world version
    </Button>
  );
}

/** Where a value was sought, one sentence says it all. */
function NoAnswer({ plan, ...rest }: NoPathProps & { plan: Plan }) {
  if (!plan.request.seek) return <NoPath {...rest} />;
  return (
    <Panel title="Not reached between the bounds">
      <p className="text-control text-t1">{rest.infeasibility.sentence}</p>
    </Panel>
  );
}

interface NoPathProps {
  infeasibility: NonNullable<PlanResult['infeasibility']>;
  terms: Terms;
  miss: Miss;
}

function NoPath({ infeasibility, terms, miss }: NoPathProps) {
  const { sentence, obstacles, nearest, misses } = infeasibility;
  return (
    <Panel title="No path keeps to everything" caption={wayOut(obstacles)}>
      <dl className="grid gap-3 text-control sm:grid-cols-2">
        <div>
          <dt className="text-t3">In the way</dt>
          <dd>{list(obstacles.map(constraintWords))}</dd>
        </div>
        <div>
          <dt className="text-t3">Nearest path</dt>
          <dd>{sentenceCase(stepsWords(nearest, terms))}</dd>
        </div>
        {misses.map(({ constraint, amount }) => (
          <div key={constraint}>
            <dt className="text-t3">It misses {constraintWords(constraint)} by</dt>
            <dd className="font-mono">{miss(constraint, amount)}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3">
        <Disclosure summary="As the search says it">
          <p className="text-control text-t2">{sentence}</p>
        </Disclosure>
      </div>
    </Panel>
  );
}

function pruningColumns(terms: Terms, miss: Miss): Column<PruningWire>[] {
  return [
    { key: 'constraint', header: 'Constraint', cell: (row) => constraintWords(row.constraint) },
    { key: 'cut', header: 'Paths cut', numeric: true, cell: (row) => count(row.cut) },
    { key: 'refused', header: 'Steps refused', numeric: true, cell: (row) => count(row.refused) },
    {
      key: 'unfinished',
      header: 'Could not end',
      numeric: true,
      cell: (row) => count(row.unfinished),
    },
    {
      key: 'rejected',
      header: 'Refuted by ensemble',
      numeric: true,
      cell: (row) => count(row.rejected),
    },
    {
      key: 'miss',
      header: 'Least miss',
      numeric: true,
      cell: (row) => miss(row.constraint, row.least_miss),
    },
    {
      key: 'example',
      header: 'For example',
      className: 'min-w-48',
      cell: ({ examples: [example] }) => (example ? stepsWords(example, terms) : '—'),
    },
  ];
}
