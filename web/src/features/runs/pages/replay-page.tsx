import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { FrameLayout, Run, Telemetry } from '@/api/generated/types.gen';
import { count, moment } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass, IconButton } from '@/ui/button';
import { shareAxis } from '@/ui/charts/geometry';
import { TickScrubber } from '@/ui/charts/tick-scrubber';
import { Digest } from '@/ui/digest';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { PersonaBlocks } from '../components/persona-blocks';
import { LevelFan, SeriesFan } from '../components/replay-fans';
import { Legend, seriesTokens } from '../components/replay-legend';
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
import { decodeBytes, type Layer } from '../replay/paint';
import { useFramePair, usePlayer } from '../replay/playback';
import { isEveryone, pickSeries, rangeAt, stockReading } from '../replay/series';
import { type ReplaySearch, replayLayers } from '../search';
import { metricName, stateWord, type Terms, termsOf } from '../terms';
import { sentenceCase, variantLabel } from '../wording';

interface ReplayPageProps {
  runId: string;
  search: ReplaySearch;
}

/** A finished run tick by tick, read from what was stored. Starts nothing. */
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
  const layer = search.layer ?? 'state';
  const names = useNames(run.node_id);
  const { terms } = names;
  const { unit } = terms;
  const frame = useFramePair(run.id, tick, last);
  const start = useQuery(frameOptions(run.id, 0));
  const groups = useMemo(() => readGroups(layout), [layout]);
  const blocks = useMemo(() => {
    if (!start.data) return [];
    return arrange(groups, decodeBytes(start.data.choices_base64), {
      region: search.region,
      segment: search.segment,
    });
  }, [groups, start.data, search.region, search.segment]);
  const alternatives = start.data?.alternatives ?? [];
  const tokens = seriesTokens(alternatives, names.outcome);
  const show = (change: Partial<ReplaySearch>) =>
    void navigate({ search: (known) => compact({ ...known, ...change }), replace: true });

  // The address follows once the hand rests; a change per tick would flood the history.
  useEffect(() => {
    if (player.playing) return;
    const timer = setTimeout(() => {
      void navigate({ search: (known) => ({ ...known, tick }), replace: true });
    }, 400);
    return () => clearTimeout(timer);
  }, [tick, player.playing, navigate]);

  const outcome = names.outcome ?? alternatives.at(-1) ?? '';
  const metrics = terms.metrics.flatMap((metric) => {
    const series = pickSeries(telemetry, outcome, metric);
    return series ? [series] : [];
  });
  const first = metrics[0];
  const levels = telemetry.levels.filter((entry) => isEveryone(entry));
  const events = telemetry.events.map((event) => ({ label: event.label, tick: event.start_tick }));
  const changedText =
    frame.changed === null ? '' : `${count(frame.changed)} changed their ${stateWord(terms)}`;
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
              <IconButton label={`One ${unit} back`} onClick={() => player.step(-1)}>
                <ChevronLeft aria-hidden size={16} />
              </IconButton>
              <Button variant="primary" onClick={player.toggle} aria-keyshortcuts="Space">
                {player.playing ? <Pause aria-hidden size={16} /> : <Play aria-hidden size={16} />}
                {player.playing ? 'Pause' : 'Play'}
              </Button>
              <IconButton label={`One ${unit} on`} onClick={() => player.step(1)}>
                <ChevronRight aria-hidden size={16} />
              </IconButton>
            </div>
            <p className="min-w-28 font-mono text-section">{sentenceCase(moment(tick, unit))}</p>
            <p className="min-w-0 flex-1 basis-56 text-control text-t2">{changedText}</p>
            <div className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto">
              <Choice
                label="Speed"
                value={`${player.speed}`}
                options={speeds.map((speed) => ({
                  value: `${speed}`,
                  label: `${speed} ${unit}s a second`,
                }))}
                onValue={(value) => player.setSpeed(Number(value))}
              />
              <Choice
                label="Layer"
                value={layer}
                options={replayLayers.map((name) => ({
                  value: name,
                  label: layerLabel(name, terms),
                }))}
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
          {first && (
            <TickScrubber
              label={sentenceCase(unit)}
              valueText={`${moment(tick, unit)}, ${names.label(outcome)} ${rangeAt(telemetry, first, tick)} of ${metricName(first.metric, terms)}`}
              ticks={telemetry.ticks}
              tick={tick}
              onTick={player.seek}
              band={first.band}
              axis={shareAxis([...first.band.low, ...first.band.high])}
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
            terms={terms}
          />
          {frame.error ? (
            <ErrorState problem={toProblem(frame.error)} onRetry={frame.retry} />
          ) : null}
          {blocks.length > 0 ? (
            <PersonaBlocks
              blocks={blocks}
              frame={frame.pair}
              layer={layer}
              stateTokens={tokens}
              label={names.label}
              name={`${count(layout.personas)} personas by region and segment, coloured by ${stateWord(terms)}, ${moment(tick, unit)}. ${changedText}`}
            />
          ) : (
            <Loading rows={8} />
          )}
          <p className="text-caption text-t3">
            One pixel is one persona and stays at its place. Within a segment they are sorted by
            their first {stateWord(terms)}. The picture shows replicate 1 of{' '}
            {telemetry.interval.replicates}, the shares are over all of them.
          </p>
        </div>
      </Panel>
      <div className="grid gap-4 md:grid-cols-2">
        {metrics.map((series) => (
          <SeriesFan
            key={series.metric}
            label={names.label(outcome)}
            {...{ telemetry, series, tick, terms, events }}
          />
        ))}
        {levels.map((series) => (
          <LevelFan key={series.name} {...{ telemetry, series, tick, terms, events }} />
        ))}
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

function layerLabel(layer: Layer, terms: Terms): string {
  return layer === 'state' ? `Current ${stateWord(terms)}` : `Changed this ${terms.unit}`;
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

interface Names {
  projectId: string | undefined;
  node: string | undefined;
  outcome: string | undefined;
  terms: Terms;
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
    terms: project.data ? termsOf(project.data) : { unit: 'tick', metrics: [], systems: false },
    label: (name) => known.get(name) ?? name.replaceAll('_', ' '),
  };
}
