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
  const baseRuns = useReplicates(nodes?.base, spaghetti);
  const branchRuns = useReplicates(nodes?.branch, spaghetti);
  const label = (name: string) =>
    comparison.alternatives.find((entry) => entry.name === name)?.label ?? name;
  if (!main) return null;
  const common = sameScale ? axisOf(series) : null;
  const events = nodes ? eventsOf(nodes.branch, [nodes.branch]) : [];
  const metric = wholeOf(comparison.metric, terms);
  return (
    <Panel>
      <Figure
        level={2}
        title={`${sentenceCase(label(main.alternative))}: share of ${metric} by ${terms.unit}`}
        note={readout(comparison, main, cursor, terms, sides)}
        fileName={comparisonFile(comparison, 'series')}
        footer={comparisonSource(comparison, terms, sides)}
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
            pair={main}
            sides={sides}
            comparison={comparison}
            unit={terms.unit}
            name={`${label(main.alternative)}. ${comparison.sentence}`}
            axis={common ?? axisOf([main])}
            cursor={cursor}
            onCursor={setCursor}
            events={events}
            spaghetti={spaghetti}
            replicates={{
              base: pick(baseRuns, main, comparison.ticks),
              branch: pick(branchRuns, main, comparison.ticks),
            }}
            height={260}
          />
          <div className="grid grid-cols-[repeat(auto-fit,minmax(14rem,1fr))] gap-4">
            {others.map((pair) => (
              <div key={pair.alternative} className="min-w-0">
                <PairFan
                  pair={pair}
                  sides={sides}
                  comparison={comparison}
                  unit={terms.unit}
                  name={smallName(comparison, pair, label(pair.alternative))}
                  axis={common ?? axisOf([pair])}
                  cursor={cursor}
                  onCursor={setCursor}
                  events={events}
                  spaghetti={spaghetti}
                  replicates={{
                    base: pick(baseRuns, pair, comparison.ticks),
                    branch: pick(branchRuns, pair, comparison.ticks),
                  }}
                  height={164}
                  caption={sentenceCase(label(pair.alternative))}
                />
                <p className="min-h-4 pl-11 font-mono text-caption text-t3">
                  {shortReadout(comparison, pair, cursor)}
                </p>
              </div>
            ))}
          </div>
          <p className="text-caption text-t3">
            {sameScale ? 'All on the same scale. ' : 'Each on its own scale. '}
            Bands hold 50 % and 90 % of the replicates
            {comparison.metric === 'flow_share'
              ? `; a gap is a ${terms.unit} in which nobody chose`
              : ''}
            . The dashed line is {sides.reference}
            {nodes ? ', triangles mark where a change begins' : ''}.
          </p>
        </div>
      </Figure>
    </Panel>
  );
}

interface PairFanProps {
  pair: SeriesPair;
  sides: Sides;
  comparison: Compared;
  unit: Terms['unit'];
  name: string;
  axis: ValueAxis;
  cursor: number | null;
  onCursor: (tick: number | null) => void;
  events: readonly FanEvent[];
  spaghetti: boolean;
  replicates: { base: Replicates; branch: Replicates };
  height: number;
  /** Names a small multiple. */
  caption?: string;
}

type Replicates = readonly (readonly (number | null)[])[];

function PairFan(props: PairFanProps) {
  const { pair, sides, comparison, unit, name, axis, cursor, onCursor } = props;
  const { events, spaghetti, replicates, height } = props;
  return (
    <Fan
      name={name}
      ticks={comparison.ticks}
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
        { label: sides.base, band: pair.base, tone: 'baseline', replicates: replicates.base },
        { label: sides.branch, band: pair.branch, tone: 'accent', replicates: replicates.branch },
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
