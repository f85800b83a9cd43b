import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Comparison, Node, Project, VariableRegistry } from '@/api/generated/types.gen';
import {
  type Metric,
  sentenceCase,
  type Terms,
  telemetryOptions,
  termsOf,
  wholeOf,
} from '@/features/runs';
import { nodeOptions } from '@/features/universe';
import { list, moment } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Fan, type FanEvent } from '@/ui/charts/fan';
import { Figure, FigureButton, FigureSelect } from '@/ui/charts/figure';
import { ErrorState, Loading } from '@/ui/states';
import { comparisonOptions, newestExplored } from '../queries';
import {
  type Drawing,
  drawBaseline,
  drawCompared,
  eventsOf,
  type Subject,
} from './outcome-drawing';

type Registry = Pick<VariableRegistry, 'alternatives' | 'levels'>;

interface OutcomePanelProps {
  project: Project;
  nodes: readonly Node[];
  /** The world version the page is about; null: the newest that has been run. */
  selected: Node | null;
  registry: Registry | undefined;
}

/** The outcome over time, with intervals, always against the baseline. */
export function OutcomePanel({ project, nodes, selected, registry }: OutcomePanelProps) {
  const root = nodes.find((node) => node.kind === 'root');
  if (root?.status !== 'explored') return null;
  return (
    <section
      aria-label="Outcome against the baseline"
      className="min-w-0 rounded-lg border border-line bg-s1 p-4"
    >
      {registry ? (
        <Outcome
          project={project}
          nodes={nodes}
          root={root}
          shown={selected ?? newestExplored(nodes) ?? root}
          registry={registry}
        />
      ) : (
        <ChartLoading />
      )}
    </section>
  );
}

interface OutcomeProps {
  project: Project;
  nodes: readonly Node[];
  root: Node;
  shown: Node;
  registry: Registry;
}

function Outcome({ project, nodes, root, shown, registry }: OutcomeProps) {
  const terms = termsOf(project);
  const [metric, setMetric] = useState<Metric>(terms.metrics[0] ?? 'stock_share');
  const [chosen, setChosen] = useState(project.outcome_alternative);
  const choice: Choice = {
    terms,
    subject: subjectOf(chosen, metric, registry, project.outcome_alternative),
    controls: (
      <Controls
        terms={terms}
        metric={metric}
        onMetric={setMetric}
        chosen={chosen}
        onChosen={setChosen}
        registry={registry}
      />
    ),
  };
  const isBranch = shown.kind === 'branch';
  return isBranch && shown.status === 'explored' ? (
    <BranchOutcome root={root} branch={shown} nodes={nodes} choice={choice} />
  ) : (
    <BaselineOutcome root={root} waiting={isBranch ? shown : null} choice={choice} />
  );
}

interface Choice {
  terms: Terms;
  subject: Subject;
  controls: React.ReactNode;
}

const ofLevel = 'level:';

function subjectOf(chosen: string, metric: Metric, registry: Registry, outcome: string): Subject {
  const level = registry.levels.find((entry) => `${ofLevel}${entry.name}` === chosen);
  if (level) return { kind: 'mean', level };
  const known = registry.alternatives.find((entry) => entry.name === chosen);
  return {
    kind: 'share',
    metric,
    alternative: chosen,
    label: known?.label ?? chosen,
    isOutcome: chosen === outcome,
  };
}

interface BranchOutcomeProps {
  root: Node;
  branch: Node;
  nodes: readonly Node[];
  choice: Choice;
}

function BranchOutcome({ root, branch, nodes, choice }: BranchOutcomeProps) {
  const { subject } = choice;
  const metric = subject.kind === 'share' ? subject.metric : branch.outcome?.metric;
  const query = useQuery({
    ...comparisonOptions({
      baseId: root.id,
      branchId: branch.id,
      metric,
      // The inspector asks for the same window, so both read one answer.
      ...(metric === branch.outcome?.metric
        ? { from: branch.outcome?.from_tick, to: branch.outcome?.to_tick }
        : {}),
    }),
    placeholderData: keepPreviousData,
  });
  if (query.error) {
    return <ErrorState problem={toProblem(query.error)} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <ChartLoading />;
  // While the next comparison loads, words and marks stay those of the one that is drawn.
  const drawn = nodes.find((node) => node.id === query.data.branch_node_id) ?? branch;
  return (
    <div className={query.isPlaceholderData ? 'opacity-60' : undefined}>
      <ComparedFigure comparison={query.data} branch={drawn} nodes={nodes} choice={choice} />
    </div>
  );
}

interface ComparedFigureProps {
  comparison: Comparison;
  branch: Node;
  nodes: readonly Node[];
  choice: Choice;
}

function ComparedFigure({ comparison, branch, nodes, choice }: ComparedFigureProps) {
  const { terms, subject } = choice;
  const hint = movedMeans(comparison, subject) ?? `Point at a ${terms.unit} to read it here.`;
  return (
    <OutcomeFigure
      drawing={drawCompared(comparison, subject, terms)}
      rest={`${sentenceCase(branch.label)}. ${hint}`}
      events={eventsOf(branch, nodes)}
      choice={choice}
    />
  );
}

/** Where the share stays but means move, they are what there is to see. */
function movedMeans({ differences, levels }: Comparison, subject: Subject): string | null {
  const row =
    subject.kind === 'share' &&
    differences.find(({ alternative }) => alternative === subject.alternative);
  if (!row || row.clear) return null;
  const moved = levels.filter((level) => level.clear && !level.segment && !level.region);
  if (moved.length === 0) return null;
  return `Clearly different: mean ${list(moved.map(({ label }) => label))}. Choose it above the chart.`;
}

interface BaselineOutcomeProps {
  root: Node;
  /** Chosen, but without an outcome of its own yet. */
  waiting: Node | null;
  choice: Choice;
}

function BaselineOutcome({ root, waiting, choice }: BaselineOutcomeProps) {
  const node = useQuery(nodeOptions(root.id));
  const run = node.data?.runs.find((entry) => entry.variant === node.data?.headline);
  const query = useQuery({
    ...telemetryOptions(run?.id ?? ''),
    enabled: run !== undefined,
    placeholderData: keepPreviousData,
  });
  const error = query.error ?? node.error;
  if (error) {
    const again = () => void (node.error ? node.refetch() : query.refetch());
    return <ErrorState problem={toProblem(error)} onRetry={again} />;
  }
  if (!query.data) return <ChartLoading />;
  return (
    <OutcomeFigure
      drawing={drawBaseline(query.data, root, choice.subject, choice.terms)}
      rest={
        waiting
          ? `The baseline alone: “${sentenceCase(waiting.label)}” has no outcome yet.`
          : 'The baseline alone. Ask a question or tune it to see what would change.'
      }
      events={[]}
      choice={choice}
    />
  );
}

interface OutcomeFigureProps {
  /** null: nothing of it is stored. */
  drawing: Drawing | null;
  /** Said while nothing is pointed at. */
  rest: string;
  events: readonly FanEvent[];
  choice: Choice;
}

const chartHeight = 220;

function OutcomeFigure({ drawing, rest, events, choice }: OutcomeFigureProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  if (!drawing) return <NoSeries subject={choice.subject} controls={choice.controls} />;
  const { sentence, name, read, fileName, provenance, table, peak, ...chart } = drawing;
  const at = cursor === null ? -1 : chart.ticks.indexOf(cursor);
  return (
    <Figure
      level={2}
      stacked
      title={sentence}
      note={
        at < 0
          ? [rest, peak].join(' ')
          : `${sentenceCase(moment(cursor ?? 0, choice.terms.unit))}: ${read(at)}`
      }
      fileName={fileName}
      provenance={provenance}
      table={table}
      controls={choice.controls}
    >
      <Fan
        name={name}
        across={choice.terms.unit}
        height={chartHeight}
        cursor={cursor}
        onCursor={setCursor}
        events={events}
        {...chart}
      />
    </Figure>
  );
}

interface ControlsProps {
  terms: Terms;
  metric: Metric;
  onMetric: (metric: Metric) => void;
  chosen: string;
  onChosen: (chosen: string) => void;
  registry: Registry;
}

function Controls({ terms, metric, onMetric, chosen, onChosen, registry }: ControlsProps) {
  const { alternatives, levels } = registry;
  const shares = alternatives.map((entry) => (
    <option key={entry.name} value={entry.name}>
      {sentenceCase(entry.label)}
    </option>
  ));
  return (
    <>
      <FigureSelect label="Outcome of the chart" value={chosen} onValue={onChosen}>
        {levels.length === 0 ? (
          shares
        ) : (
          <>
            <optgroup label={`Share of ${wholeOf(metric, terms)}`}>{shares}</optgroup>
            <optgroup label="Mean">
              {levels.map((level) => (
                <option key={level.name} value={`${ofLevel}${level.name}`}>
                  {sentenceCase(level.label)}
                </option>
              ))}
            </optgroup>
          </>
        )}
      </FigureSelect>
      {terms.metrics.length > 1 && !chosen.startsWith(ofLevel) && (
        <fieldset className="mr-2 flex gap-0.5">
          <legend className="sr-only">Outcome</legend>
          {terms.metrics.map((name) => (
            <FigureButton key={name} pressed={metric === name} onClick={() => onMetric(name)}>
              {sentenceCase(wholeOf(name, terms))}
            </FigureButton>
          ))}
        </fieldset>
      )}
    </>
  );
}

function NoSeries({ subject, controls }: { subject: Subject; controls: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <p className="text-control text-t2">
        Nothing is stored for {subject.kind === 'share' ? subject.label : subject.level.label}.
      </p>
      <div className="flex items-center gap-1">{controls}</div>
    </div>
  );
}

/** As tall as the figure that replaces it. */
function ChartLoading() {
  return (
    <div className="min-h-80">
      <Loading rows={7} />
    </div>
  );
}
