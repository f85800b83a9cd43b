import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Node, SeriesPair, Telemetry } from '@/api/generated/types.gen';
import { sentenceCase, type Terms, telemetryOptions, wholeOf } from '@/features/runs';
import { intervalWords, nodeOptions } from '@/features/universe';
import { moment, pointsRange, share, shareRange } from '@/lib/format';
import { Fan, type FanEvent } from '@/ui/charts/fan';
import { Figure, FigureButton } from '@/ui/charts/figure';
import { shareAxis, type ValueAxis } from '@/ui/charts/geometry';
import { Panel } from '@/ui/panel';
import {
  type Compared,
  comparisonFile,
  comparisonSource,
  nodeSides,
  type Sides,
} from './comparison-source';
import { eventsOf } from './outcome-drawing';
import { ticksTable } from './ticks-table';

interface SeriesPanelProps {
  comparison: Compared;
  /** Whose events are marked and whose single replicates can be asked for. */
  nodes?: { base: Node; branch: Node };
  outcome: string;
  terms: Terms;
  sides?: Sides;
}

/** Base and branch tick by tick: the outcome large, the other alternatives small beside it. */
export function SeriesPanel(props: SeriesPanelProps) {
  const { comparison, nodes, outcome, terms, sides = nodeSides } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [spaghetti, setSpaghetti] = useState(false);
  const [sameScale, setSameScale] = useState(false);
  const series = comparison.series.filter((entry) => entry.metric === comparison.metric);
  const main = series.find((entry) => entry.alternative === outcome) ?? series[0];
  const others = series.filter((entry) => entry !== main);
  const runs = {
    base: useReplicates(nodes?.base, spaghetti),
    branch: useReplicates(nodes?.branch, spaghetti),
  };
  const label = (name: string) =>
    comparison.alternatives.find((entry) => entry.name === name)?.label ?? name;
  if (!main) return null;
  const common = sameScale ? axisOf(series) : null;
  const events = nodes ? eventsOf(nodes.branch, [nodes.branch]) : [];
  const metric = wholeOf(comparison.metric, terms);
  const unit = terms.unit;
  const shared = { comparison, sides, unit, cursor, onCursor: setCursor, events, spaghetti, runs };
  return (
    <Panel>
      <Figure
        level={2}
        title={`${sentenceCase(label(main.alternative))}: share of ${metric} by ${terms.unit}`}
        note={readout(comparison, main, cursor, terms, sides)}
        fileName={comparisonFile(comparison, 'series')}
        provenance={comparisonSource(comparison, terms, sides)}
        table={ticksTable(comparison, series, label, terms, sides)}
        controls={
          <>
            {nodes ? (
              <FigureButton pressed={spaghetti} onClick={() => setSpaghetti(!spaghetti)}>
                Single replicates
              </FigureButton>
            ) : null}
            <FigureButton pressed={sameScale} onClick={() => setSameScale(!sameScale)}>
              Same scale
            </FigureButton>
          </>
        }
      >
        <div className="grid gap-5">
          <PairFan
            {...shared}
            pair={main}
            name={`${label(main.alternative)}. ${comparison.sentence}`}
            axis={common ?? axisOf([main])}
            height={260}
          />
          <SmallMultiples {...shared} pairs={others} label={label} common={common} />
          <HowToRead
            {...{ comparison, sides, sameScale }}
            unit={unit}
            hasEvents={nodes !== undefined}
          />
        </div>
      </Figure>
    </Panel>
  );
}

/** What every fan of the panel has in common. */
interface SharedFanProps {
  sides: Sides;
  comparison: Compared;
  unit: Terms['unit'];
  cursor: number | null;
  onCursor: (tick: number | null) => void;
  events: readonly FanEvent[];
  spaghetti: boolean;
  /** Single replicates of the whole runs, where they are wanted. */
  runs: { base: Telemetry | undefined; branch: Telemetry | undefined };
}

interface SmallMultiplesProps extends SharedFanProps {
  pairs: readonly SeriesPair[];
  label: (name: string) => string;
  /** The axis of all of them; null: each has its own. */
  common: ValueAxis | null;
}

/** The other alternatives, each small and named by its caption. */
function SmallMultiples({ pairs, label, common, ...shared }: SmallMultiplesProps) {
  const { comparison, cursor } = shared;
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(14rem,1fr))] gap-4">
      {pairs.map((pair) => (
        <div key={pair.alternative} className="min-w-0">
          <PairFan
            {...shared}
            pair={pair}
            name={smallName(comparison, pair, label(pair.alternative))}
            axis={common ?? axisOf([pair])}
            height={164}
            caption={sentenceCase(label(pair.alternative))}
          />
          <p className="min-h-4 pl-11 font-mono text-caption text-t3">
            {shortReadout(comparison, pair, cursor)}
          </p>
        </div>
      ))}
    </div>
  );
}

interface HowToReadProps extends Pick<SharedFanProps, 'comparison' | 'sides' | 'unit'> {
  sameScale: boolean;
  hasEvents: boolean;
}

function HowToRead({ comparison, sides, unit, sameScale, hasEvents }: HowToReadProps) {
  return (
    <p className="text-caption text-t3">
      {sameScale ? 'All on the same scale. ' : 'Each on its own scale. '}
      Bands hold 50 % and 90 % of the replicates
      {comparison.metric === 'flow_share' ? `; a gap is a ${unit} in which nobody chose` : ''}. The
      dashed line is {sides.reference}
      {hasEvents ? ', triangles mark where a change begins' : ''}.
    </p>
  );
}

interface PairFanProps extends SharedFanProps {
  pair: SeriesPair;
  name: string;
  axis: ValueAxis;
  height: number;
  /** Names a small multiple. */
  caption?: string;
}

type Replicates = readonly (readonly (number | null)[])[];

function PairFan(props: PairFanProps) {
  const { pair, sides, comparison, unit, name, axis, cursor, onCursor } = props;
  const { events, spaghetti, runs, height } = props;
  const { ticks } = comparison;
  return (
    <Fan
      name={name}
      ticks={ticks}
      across={unit}
      axis={axis}
      format={share}
      cursor={cursor}
      onCursor={onCursor}
      events={events}
      spaghetti={spaghetti}
      height={height}
      directLabels={props.caption === undefined}
      caption={props.caption}
      series={[
        {
          label: sides.base,
          band: pair.base,
          tone: 'baseline',
          replicates: pick(runs.base, pair, ticks),
        },
        {
          label: sides.branch,
          band: pair.branch,
          tone: 'accent',
          replicates: pick(runs.branch, pair, ticks),
        },
      ]}
    />
  );
}

function axisOf(pairs: readonly SeriesPair[]): ValueAxis {
  return shareAxis(
    pairs.flatMap(({ base, branch }) => [...base.low, ...base.high, ...branch.low, ...branch.high]),
  );
}

/** Single replicates of the headline's run, fetched only when they are wanted. */
function useReplicates(of: Node | undefined, wanted: boolean): Telemetry | undefined {
  const node = useQuery({ ...nodeOptions(of?.id ?? ''), enabled: wanted && of !== undefined });
  const run = node.data?.runs.find((entry) => entry.variant === node.data?.headline);
  const telemetry = useQuery({
    ...telemetryOptions(run?.id ?? '', { replicates: true }),
    enabled: wanted && run !== undefined,
  });
  return wanted ? telemetry.data : undefined;
}

/** Replicates at the ticks that are compared; the telemetry holds the whole horizon. */
function pick(
  telemetry: Telemetry | undefined,
  pair: SeriesPair,
  ticks: readonly number[],
): Replicates {
  if (!telemetry) return [];
  const found = telemetry.series.find(
    (entry) =>
      entry.metric === pair.metric &&
      entry.alternative === pair.alternative &&
      entry.segment === null &&
      entry.region === null,
  );
  const places = ticks.map((tick) => telemetry.ticks.indexOf(tick));
  return (found?.replicates ?? []).map((replicate) => places.map((at) => replicate[at] ?? null));
}

function at(comparison: Compared, cursor: number | null): number {
  return cursor === null ? -1 : comparison.ticks.indexOf(cursor);
}

function readout(
  comparison: Compared,
  pair: SeriesPair,
  cursor: number | null,
  { unit }: Terms,
  sides: Sides,
): string {
  const index = at(comparison, cursor);
  if (index < 0)
    return `${intervalWords(comparison.interval)}. Point at a ${unit} to read it here.`;
  const branch = shareRange(pair.branch.low[index], pair.branch.high[index]);
  const base = shareRange(pair.base.low[index], pair.base.high[index]);
  const difference = pointsRange(pair.difference.low[index], pair.difference.high[index]);
  return `${moment(cursor ?? 0, unit)}: ${sides.branch} ${branch}, ${sides.base} ${base}, difference ${difference}`;
}

function shortReadout(comparison: Compared, pair: SeriesPair, cursor: number | null): string {
  const index = at(comparison, cursor);
  if (index < 0) return '';
  return pointsRange(pair.difference.low[index], pair.difference.high[index]);
}

function smallName(comparison: Compared, pair: SeriesPair, label: string): string {
  const whole = comparison.differences.find((entry) => entry.alternative === pair.alternative);
  if (!whole) return label;
  const range = pointsRange(whole.difference.low, whole.difference.high);
  return `${label}: ${whole.clear ? `changed by ${range}` : `no clear difference, ${range}`}`;
}
