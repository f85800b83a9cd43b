import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { FrameLayout, Run, Telemetry } from '@/api/generated/types.gen';
import { count, month, share, shareRange } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass, IconButton } from '@/ui/button';
import { Fan } from '@/ui/charts/fan';
import { shareAxis } from '@/ui/charts/geometry';
import { MonthScrubber } from '@/ui/charts/month-scrubber';
import { Digest } from '@/ui/digest';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { PersonaBlocks } from '../components/persona-blocks';
import {
  frameLayoutOptions,
  frameOptions,
  isOver,
  projectOfRunOptions,
  registryOfProjectOptions,
  runNodeOptions,
  runOptions,
  telemetryOptions,
} from '../queries';
import { arrange, type Groups } from '../replay/arrange';
import { decodeBytes } from '../replay/paint';
import { useFramePair, usePlayer } from '../replay/playback';
import { type ReplaySearch, replayLayers } from '../search';
import { sentenceCase, variantLabel } from '../wording';

interface ReplayPageProps {
  runId: string;
  search: ReplaySearch;
}

/** A finished run month by month, read from what was stored. Starts nothing. */
export function ReplayPage({ runId, search }: ReplayPageProps) {
  const run = useQuery(runOptions(runId));
  const finished = run.data?.status === 'succeeded';
  const telemetry = useQuery({ ...telemetryOptions(runId), enabled: finished });
  const layout = useQuery({ ...frameLayoutOptions(runId), enabled: finished });
  const error = run.error ?? telemetry.error ?? layout.error;
  if (error) {
    const again = () => {
      void run.refetch();
      void telemetry.refetch();
      void layout.refetch();
    };
    return (
      <Page title="Replay">
        <ErrorState problem={toProblem(error)} onRetry={again} />
      </Page>
    );
  }
  if (run.data && !finished) return <NothingToReplay run={run.data} />;
  if (!run.data || !telemetry.data || !layout.data) {
    return (
      <Page title="Replay">
        <Loading rows={10} />
      </Page>
    );
  }
  return <Replay run={run.data} telemetry={telemetry.data} layout={layout.data} search={search} />;
}

function NothingToReplay({ run }: { run: Run }) {
  const title = isOver(run.status)
    ? 'This run stored nothing to replay'
    : 'The run has not finished';
  return (
    <Page title="Replay">
      <Empty
        title={title}
        action={
          <Link to="/runs/$runId" params={{ runId: run.id }} className={buttonClass('primary')}>
            Open the run
          </Link>
        }
      >
        A replay reads stored telemetry, and telemetry is stored when a run succeeds.
      </Empty>
    </Page>
  );
}

const speeds = [1, 2, 4, 8] as const;

interface ReplayProps {
  run: Run;
  telemetry: Telemetry;
  layout: FrameLayout;
  search: ReplaySearch;
}

function Replay({ run, telemetry, layout, search }: ReplayProps) {
  const navigate = useNavigate({ from: '/runs/$runId/replay' });
  const last = telemetry.ticks.at(-1) ?? 0;
  const player = usePlayer(run.id, Math.min(search.tick ?? 0, last), last);
  const { tick } = player;
  const layer = search.layer ?? 'system';
  const names = useNames(run.node_id);
  const frame = useFramePair(run.id, tick, last);
  const first = useQuery(frameOptions(run.id, 0));
  const groups = useMemo(() => readGroups(layout), [layout]);
  const blocks = useMemo(() => {
    if (!first.data) return [];
    return arrange(groups, decodeBytes(first.data.choices_base64), {
      region: search.region,
      segment: search.segment,
    });
  }, [groups, first.data, search.region, search.segment]);
  const alternatives = first.data?.alternatives ?? [];
  const tokens = seriesTokens(alternatives, names.outcome);
  const show = (change: Partial<ReplaySearch>) =>
    void navigate({ search: (known) => compact({ ...known, ...change }), replace: true });

  // The address follows once the hand rests; a change per month would flood the history.
  useEffect(() => {
    if (player.playing) return;
    const timer = setTimeout(() => {
      void navigate({ search: (known) => ({ ...known, tick }), replace: true });
    }, 400);
    return () => clearTimeout(timer);
  }, [tick, player.playing, navigate]);

  const outcome = names.outcome ?? alternatives.at(-1) ?? '';
  const series = pickSeries(telemetry, outcome, 'new_installations');
  const stock = pickSeries(telemetry, outcome, 'stock');
  const events = telemetry.events.map((event) => ({ label: event.label, tick: event.start_tick }));
  const changedText = frame.changed === null ? '' : `${count(frame.changed)} changed their system`;
  const title = names.node ? `Replay of ${names.node}` : 'Replay';
  return (
    <Page
      title={title}
      wide
      lead="Read from stored telemetry. Nothing is computed or started here."
      actions={
        <>
          {names.projectId && (
            <Link
              to="/projects/$projectId/universe"
              params={{ projectId: names.projectId }}
              search={{ node: run.node_id }}
              className={buttonClass('secondary', 'small')}
            >
              Open in the universe
            </Link>
          )}
          <Link
            to="/runs/$runId"
            params={{ runId: run.id }}
            className={buttonClass('secondary', 'small')}
          >
            Run
          </Link>
        </>
      }
    >
      <Panel>
        <div className="grid gap-4">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <div className="flex items-center gap-1">
              <IconButton label="One month back" onClick={() => player.step(-1)}>
                <ChevronLeft aria-hidden size={16} />
              </IconButton>
              <Button variant="primary" onClick={player.toggle} aria-keyshortcuts="Space">
                {player.playing ? <Pause aria-hidden size={16} /> : <Play aria-hidden size={16} />}
                {player.playing ? 'Pause' : 'Play'}
              </Button>
              <IconButton label="One month on" onClick={() => player.step(1)}>
                <ChevronRight aria-hidden size={16} />
              </IconButton>
            </div>
            <p className="min-w-28 font-mono text-section">{sentenceCase(month(tick))}</p>
            <p className="min-w-0 flex-1 basis-56 text-control text-t2">{changedText}</p>
            <div className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto">
              <Choice
                label="Speed"
                value={`${player.speed}`}
                options={speeds.map((speed) => ({
                  value: `${speed}`,
                  label: `${speed} months a second`,
                }))}
                onValue={(value) => player.setSpeed(Number(value))}
              />
              <Choice
                label="Layer"
                value={layer}
                options={replayLayers.map((name) => ({ value: name, label: layerLabel[name] }))}
                onValue={(value) => show({ layer: value === 'changed' ? 'changed' : undefined })}
              />
              <Choice
                label="Region"
                value={search.region ?? ''}
                options={groupOptions('All regions', layout.regions, names.label)}
                onValue={(value) => show({ region: value })}
              />
              <Choice
                label="Segment"
                value={search.segment ?? ''}
                options={groupOptions('All segments', layout.segments, names.label)}
                onValue={(value) => show({ segment: value })}
              />
            </div>
          </div>
          {series && (
            <MonthScrubber
              label="Month"
              valueText={`${month(tick)}, ${names.label(outcome)} ${rangeAt(telemetry, series, tick)} of new installations`}
              ticks={telemetry.ticks}
              tick={tick}
              onTick={player.seek}
              band={series.band}
              axis={shareAxis([...series.band.low, ...series.band.high])}
              color="var(--color-accent)"
              events={events}
            />
          )}
          <Legend
            alternatives={alternatives}
            tokens={tokens}
            label={names.label}
            reading={(name) => stockReading(telemetry, name, tick)}
            layer={layer}
          />
          {frame.error ? (
            <ErrorState problem={toProblem(frame.error)} onRetry={frame.retry} />
          ) : null}
          {blocks.length > 0 ? (
            <PersonaBlocks
              blocks={blocks}
              frame={frame.pair}
              layer={layer}
              systemTokens={tokens}
              label={names.label}
              name={`${count(layout.personas)} personas by region and segment, coloured by heating system, ${month(tick)}. ${changedText}`}
            />
          ) : (
            <Loading rows={8} />
          )}
          <p className="text-caption text-t3">
            One pixel is one persona and stays at its place. Within a segment they are sorted by
            their first system. The picture shows replicate 1 of {telemetry.interval.replicates},
            the shares are over all of them.
          </p>
        </div>
      </Panel>
      <div className="grid gap-4 md:grid-cols-2">
        {series && (
          <SeriesFan
            title="new installations"
            {...{ telemetry, series, tick, names, outcome, events }}
          />
        )}
        {stock && (
          <SeriesFan
            title="stock"
            {...{ telemetry, series: stock, tick, names, outcome, events }}
          />
        )}
      </div>
      <footer className="flex flex-wrap items-center gap-x-4 gap-y-1 text-caption text-t3">
        <span>Run {variantLabel[run.variant]}</span>
        <span className="flex items-center gap-1">
          digest <Digest value={telemetry.digest} name="run digest" />
        </span>
      </footer>
    </Page>
  );
}

const layerLabel = { system: 'Current system', changed: 'Changed this month' } as const;

interface SeriesFanProps {
  title: string;
  telemetry: Telemetry;
  series: Telemetry['series'][number];
  tick: number;
  names: Names;
  outcome: string;
  events: readonly { label: string; tick: number }[];
}

function SeriesFan({ title, telemetry, series, tick, names, outcome, events }: SeriesFanProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const at = hovered ?? tick;
  const axis = shareAxis([...series.band.low, ...series.band.high]);
  const reading = `${month(at)}: ${rangeAt(telemetry, series, at)}`;
  return (
    <Panel title={`${sentenceCase(names.label(outcome))}, ${title}`} caption={reading}>
      <Fan
        name={`${names.label(outcome)}, share of ${title}. ${reading}`}
        ticks={telemetry.ticks}
        axis={axis}
        format={share}
        cursor={at}
        onCursor={setHovered}
        events={events}
        height={180}
        directLabels={false}
        series={[{ label: names.label(outcome), band: series.band, tone: 'accent' }]}
      />
    </Panel>
  );
}

interface LegendProps {
  alternatives: readonly string[];
  tokens: readonly string[];
  label: (name: string) => string;
  reading: (name: string) => string;
  layer: 'system' | 'changed';
}

function Legend({ alternatives, tokens, label, reading, layer }: LegendProps) {
  return (
    <ul aria-label="Systems" className="flex flex-wrap gap-x-6 gap-y-1.5 text-control">
      {alternatives.map((name, index) => (
        <li key={name} className="flex items-center gap-2">
          <svg aria-hidden="true" width={10} height={10}>
            <rect width={10} height={10} rx={2} fill={`var(--color-${tokens[index] ?? 't3'})`} />
          </svg>
          <span className="text-t1">{sentenceCase(label(name))}</span>
          <span className="font-mono text-caption text-t3">{reading(name)}</span>
        </li>
      ))}
      <li className="flex items-center gap-2 text-t2">
        <svg aria-hidden="true" width={10} height={10}>
          <rect
            width={10}
            height={10}
            rx={2}
            fill={layer === 'system' ? 'var(--color-t1)' : 'var(--color-s3)'}
          />
        </svg>
        {layer === 'system' ? 'changed this month' : 'kept their system'}
      </li>
    </ul>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onValue: (value: string) => void;
}

function Choice({ label, value, options, onValue }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
      className="h-8 min-w-0 rounded-md border border-edge bg-bg px-2 text-control text-t1 sm:max-w-44"
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

function groupOptions(all: string, groups: readonly string[], label: (name: string) => string) {
  return [
    { value: '', label: all },
    ...groups.map((name) => ({ value: name, label: sentenceCase(label(name)) })),
  ];
}

function compact(search: ReplaySearch): ReplaySearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}

function readGroups(layout: FrameLayout): Groups {
  return {
    regions: layout.regions,
    segments: layout.segments,
    region: decodeBytes(layout.region_base64),
    segment: decodeBytes(layout.segment_base64),
  };
}

type Series = Telemetry['series'][number];

function pickSeries(
  telemetry: Telemetry,
  alternative: string,
  metric: Series['metric'],
): Series | undefined {
  return telemetry.series.find(
    (entry) =>
      entry.alternative === alternative &&
      entry.metric === metric &&
      entry.segment === null &&
      entry.region === null,
  );
}

function rangeAt(telemetry: Telemetry, series: Series, tick: number): string {
  const index = telemetry.ticks.indexOf(tick);
  const low = series.band.low[index] ?? null;
  return low === null ? 'nothing installed' : shareRange(low, series.band.high[index]);
}

function stockReading(telemetry: Telemetry, name: string, tick: number): string {
  const series = pickSeries(telemetry, name, 'stock');
  return series ? rangeAt(telemetry, series, tick) : '';
}

/** The alternative under study has the first colour, the others keep their order. */
function seriesTokens(alternatives: readonly string[], outcome: string | undefined): string[] {
  let next = 2;
  return alternatives.map((name) => {
    if (name === outcome) return 'series-1';
    const token = next <= 5 ? `series-${next}` : 't3';
    next += 1;
    return token;
  });
}

interface Names {
  projectId: string | undefined;
  node: string | undefined;
  outcome: string | undefined;
  label: (name: string) => string;
}

/** What things are called: the run itself knows only keys. */
function useNames(nodeId: string): Names {
  const node = useQuery(runNodeOptions(nodeId));
  const projectId = node.data?.project_id;
  const project = useQuery({
    ...projectOfRunOptions(projectId ?? ''),
    enabled: projectId !== undefined,
  });
  const registry = useQuery({
    ...registryOfProjectOptions(projectId ?? ''),
    enabled: projectId !== undefined,
  });
  const known = useMemo(() => {
    const { alternatives = [], regions = [], segments = [] } = registry.data ?? {};
    return new Map(
      [...alternatives, ...regions, ...segments].map((entry) => [entry.name, entry.label]),
    );
  }, [registry.data]);
  return {
    projectId,
    node: node.data?.label,
    outcome: project.data?.outcome_alternative,
    label: (name) => known.get(name) ?? name.replaceAll('_', ' '),
  };
}
