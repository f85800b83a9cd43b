import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  Band,
  Comparison,
  NamedGroup,
  Node,
  Project,
  Telemetry,
} from '@/api/generated/types.gen';
import { sentenceCase, telemetryOptions } from '@/features/runs';
import { month, pointsRange, share, shareRange, shortDigest } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Fan, type FanEvent, type FanSeries } from '@/ui/charts/fan';
import { Figure, FigureButton, type FigureTable } from '@/ui/charts/figure';
import { shareAxis } from '@/ui/charts/geometry';
import { ErrorState, Loading } from '@/ui/states';
import { comparisonOptions, type Metric, newestExplored, nodeOptions } from '../queries';
import { comparedSentence, intervalWords, metricLabel, outcomeSentence, wholeOf } from '../wording';
import { comparisonFile, comparisonSource } from './comparison-source';
import { monthsTable } from './months-table';

interface OutcomePanelProps {
  project: Project;
  nodes: readonly Node[];
  /** The world version the page is about; null: the newest that has been run. */
  selected: Node | null;
  /** Unknown until the registry is here. */
  alternatives: readonly Named[] | undefined;
}

type Named = Pick<NamedGroup, 'name' | 'label'>;

/** The outcome by month, with intervals, always against the baseline. */
export function OutcomePanel({ project, nodes, selected, alternatives }: OutcomePanelProps) {
  const root = nodes.find((node) => node.kind === 'root');
  if (root?.status !== 'explored') return null;
  return (
    <section
      aria-label="Outcome against the baseline"
      className="min-w-0 rounded-lg border border-line bg-s1 p-4"
    >
      {alternatives ? (
        <Outcome
          project={project}
          nodes={nodes}
          root={root}
          subject={selected ?? newestExplored(nodes) ?? root}
          alternatives={alternatives}
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
  subject: Node;
  alternatives: readonly Named[];
}

function Outcome({ project, nodes, root, subject, alternatives }: OutcomeProps) {
  const [metric, setMetric] = useState<Metric>('new_installations');
  const [chosen, setChosen] = useState(project.outcome_alternative);
  const choice: Choice = {
    metric,
    alternative: chosen,
    label: alternatives.find((entry) => entry.name === chosen)?.label ?? chosen,
    isOutcome: chosen === project.outcome_alternative,
    controls: (
      <Controls
        metric={metric}
        onMetric={setMetric}
        chosen={chosen}
        onChosen={setChosen}
        alternatives={alternatives}
      />
    ),
  };
  const isBranch = subject.kind === 'branch';
  return isBranch && subject.status === 'explored' ? (
    <BranchOutcome root={root} branch={subject} nodes={nodes} choice={choice} />
  ) : (
    <BaselineOutcome root={root} waiting={isBranch ? subject : null} choice={choice} />
  );
}

interface Choice {
  metric: Metric;
  alternative: string;
  label: string;
  isOutcome: boolean;
  controls: React.ReactNode;
}

interface BranchOutcomeProps {
  root: Node;
  branch: Node;
  nodes: readonly Node[];
  choice: Choice;
}

function BranchOutcome({ root, branch, nodes, choice }: BranchOutcomeProps) {
  const query = useQuery({
    ...comparisonOptions({
      baseId: root.id,
      branchId: branch.id,
      metric: choice.metric,
      // The inspector asks for the same window, so both read one answer.
      ...(choice.metric === branch.outcome?.metric
        ? { from: branch.outcome.from_tick, to: branch.outcome.to_tick }
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
      <ComparedFigure
        comparison={query.data}
        branch={drawn}
        events={eventsOf(drawn, nodes)}
        choice={choice}
      />
    </div>
  );
}

interface ComparedFigureProps {
  comparison: Comparison;
  branch: Node;
  events: readonly FanEvent[];
  choice: Choice;
}

function ComparedFigure({ comparison, branch, events, choice }: ComparedFigureProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const pair = comparison.series.find(
    (entry) => entry.metric === comparison.metric && entry.alternative === choice.alternative,
  );
  const row = comparison.differences.find((entry) => entry.alternative === choice.alternative);
  if (!pair || !row) return <NoSeries label={choice.label} controls={choice.controls} />;
  const label = sentenceCase(choice.label);
  const sentence = choice.isOutcome ? comparison.sentence : comparedSentence(row, label);
  const at = cursor === null ? -1 : comparison.ticks.indexOf(cursor);
  const read = (band: Band) => shareRange(band.low[at], band.high[at]);
  return (
    <OutcomeFigure
      sentence={sentence}
      name={chartName(label, comparison.metric, sentence)}
      note={
        at < 0
          ? `${sentenceCase(branch.label)}. Point at a month to read it here.`
          : `${sentenceCase(month(cursor ?? 0))}: branch ${read(pair.branch)}, baseline ${read(pair.base)}, difference ${pointsRange(pair.difference.low[at], pair.difference.high[at])}`
      }
      fileName={comparisonFile(comparison, `outcome-${choice.alternative}`)}
      footer={comparisonSource(comparison)}
      table={monthsTable(comparison, [pair], () => label)}
      ticks={comparison.ticks}
      series={[
        { label: 'baseline', band: pair.base, tone: 'baseline' },
        { label: 'branch', band: pair.branch, tone: 'accent' },
      ]}
      events={events}
      cursor={cursor}
      onCursor={setCursor}
      controls={choice.controls}
    />
  );
}

interface BaselineOutcomeProps {
  root: Node;
  /** Chosen, but without an outcome of its own yet. */
  waiting: Node | null;
  choice: Choice;
}

function BaselineOutcome({ root, waiting, choice }: BaselineOutcomeProps) {
  const node = useQuery(nodeOptions(root.id));
  const run = node.data?.runs.find((entry) => entry.variant === 'with_social_rules');
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
  return <BaselineFigure telemetry={query.data} root={root} waiting={waiting} choice={choice} />;
}

interface BaselineFigureProps extends BaselineOutcomeProps {
  telemetry: Telemetry;
}

function BaselineFigure({ telemetry, root, waiting, choice }: BaselineFigureProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const found = telemetry.series.find(
    (entry) =>
      entry.metric === choice.metric &&
      entry.alternative === choice.alternative &&
      entry.segment === null &&
      entry.region === null,
  );
  if (!found) return <NoSeries label={choice.label} controls={choice.controls} />;
  const label = sentenceCase(choice.label);
  const sentence =
    choice.isOutcome && root.outcome?.metric === choice.metric
      ? `Baseline: ${outcomeSentence(root.outcome, choice.label)}`
      : lastMonth(telemetry, found.band, choice.label, choice.metric);
  const at = cursor === null ? -1 : telemetry.ticks.indexOf(cursor);
  const rest = waiting
    ? `The baseline alone: “${sentenceCase(waiting.label)}” has no outcome yet.`
    : 'The baseline alone. Ask a question to see what would change.';
  return (
    <OutcomeFigure
      sentence={sentence}
      name={chartName(label, choice.metric, sentence)}
      note={
        at < 0
          ? rest
          : `${sentenceCase(month(cursor ?? 0))}: baseline ${shareRange(found.band.low[at], found.band.high[at])}`
      }
      fileName={`agentverse-outcome-${choice.alternative}-${choice.metric.replace('_', '-')}-${shortDigest(telemetry.digest, 8)}`}
      footer={`AgentVerse · baseline, ${metricLabel[choice.metric]} · ${intervalWords(telemetry.interval)} · ${shortDigest(telemetry.digest)}`}
      table={bandTable(telemetry.ticks, found.band)}
      ticks={telemetry.ticks}
      series={[{ label: 'baseline', band: found.band, tone: 'baseline' }]}
      events={[]}
      cursor={cursor}
      onCursor={setCursor}
      controls={choice.controls}
    />
  );
}

interface OutcomeFigureProps {
  sentence: string;
  name: string;
  note: string;
  fileName: string;
  footer: string;
  table: FigureTable;
  ticks: readonly number[];
  series: readonly FanSeries[];
  events: readonly FanEvent[];
  cursor: number | null;
  onCursor: (tick: number | null) => void;
  controls: React.ReactNode;
}

const chartHeight = 220;

function OutcomeFigure(props: OutcomeFigureProps) {
  const { sentence, name, note, fileName, footer, table, controls, ...chart } = props;
  const values = chart.series.flatMap(({ band }) => [...band.low, ...band.high]);
  return (
    <Figure
      level={2}
      stacked
      title={sentence}
      note={note}
      fileName={fileName}
      footer={footer}
      table={table}
      controls={controls}
    >
      <Fan name={name} axis={shareAxis(values)} format={share} height={chartHeight} {...chart} />
    </Figure>
  );
}

interface ControlsProps {
  metric: Metric;
  onMetric: (metric: Metric) => void;
  chosen: string;
  onChosen: (alternative: string) => void;
  alternatives: readonly Named[];
}

function Controls({ metric, onMetric, chosen, onChosen, alternatives }: ControlsProps) {
  return (
    <>
      <select
        aria-label="Alternative of the outcome chart"
        value={chosen}
        onChange={(event) => onChosen(event.currentTarget.value)}
        className="h-7 rounded-md border border-edge bg-bg px-1.5 text-caption text-t1"
      >
        {alternatives.map((entry) => (
          <option key={entry.name} value={entry.name}>
            {sentenceCase(entry.label)}
          </option>
        ))}
      </select>
      <fieldset className="mr-2 flex gap-0.5">
        <legend className="sr-only">Outcome</legend>
        {(['new_installations', 'stock'] as const).map((name) => (
          <FigureButton key={name} pressed={metric === name} onClick={() => onMetric(name)}>
            {sentenceCase(metricLabel[name])}
          </FigureButton>
        ))}
      </fieldset>
    </>
  );
}

function NoSeries({ label, controls }: { label: string; controls: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <p className="text-control text-t2">Nothing is stored for {label}.</p>
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

function chartName(label: string, metric: Metric, sentence: string): string {
  return `${label}, share of ${metricLabel[metric]} by month against the baseline. ${sentence}`;
}

/** The changes of a node and of everything it continues. */
export function eventsOf(node: Node, nodes: readonly Node[]): FanEvent[] {
  const parent = nodes.find((entry) => entry.id === node.parent_id);
  const own = node.event_scripts.map((script) => ({
    tick: script.scope.start_tick ?? 0,
    label: script.sentence ?? script.variable,
  }));
  return parent ? [...eventsOf(parent, nodes), ...own] : own;
}

function lastMonth(telemetry: Telemetry, band: Band, label: string, metric: Metric): string {
  const index = band.median.findLastIndex((value) => value !== null);
  const range = shareRange(band.low[index], band.high[index]);
  return `Baseline: ${range} of ${wholeOf[metric]} in ${month(telemetry.ticks[index] ?? 0)} are ${label} (${intervalWords(telemetry.interval)}).`;
}

function bandTable(ticks: readonly number[], band: Band): FigureTable {
  return {
    columns: ['Month', 'Low', 'Median', 'High'],
    rows: ticks.map((tick, index) => [
      tick,
      band.low[index] ?? null,
      band.median[index] ?? null,
      band.high[index] ?? null,
    ]),
    format: (value, column) => (column === 0 ? `${value}` : share(value, 0.01)),
  };
}
