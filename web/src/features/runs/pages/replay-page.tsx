import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { FrameLayout, Run, Telemetry } from '@/api/generated/types.gen';
import { count, moment } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { shareAxis } from '@/ui/charts/geometry';
import { TickScrubber } from '@/ui/charts/tick-scrubber';
import { Digest } from '@/ui/digest';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { BasisNotice } from '../components/basis-note';
import { ReplayControls } from '../components/replay-controls';
import { LevelFan, SeriesFan } from '../components/replay-fans';
import { ReplayPicture } from '../components/replay-picture';
import { RunTrail } from '../components/run-trail';
import { frameLayoutOptions, frameOptions, isOver, runOptions, telemetryOptions } from '../queries';
import { useReplayNames } from '../replay/names';
import { type Player, useFramePair, usePlayer } from '../replay/playback';
import { isEveryone, pickSeries, rangeAt } from '../replay/series';
import type { ReplaySearch } from '../search';
import { stateWord, wholeOf } from '../terms';
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
  const names = useReplayNames(run.node_id);
  const { terms } = names;
  const frame = useFramePair(run.id, tick, last);
  const outcome = useOutcome(run.id, names.outcome);
  const show = (change: Partial<ReplaySearch>) =>
    void navigate({ search: (known) => compact({ ...known, ...change }), replace: true });
  useTickInAddress(player);

  const metrics = terms.metrics.flatMap((metric) => {
    const series = pickSeries(telemetry, outcome, metric);
    return series ? [series] : [];
  });
  const [first] = metrics;
  const levels = telemetry.levels.filter((entry) => isEveryone(entry));
  const events = telemetry.events.map((event) => ({ label: event.label, tick: event.start_tick }));
  const note =
    frame.changed === null ? '' : `${count(frame.changed)} changed their ${stateWord(terms)}`;
  return (
    <Page
      title={names.node ? `Replay of ${names.node}` : 'Replay'}
      wide
      trail={<RunTrail run={run} replay />}
      lead="Read from stored telemetry. Nothing is computed or started here."
      actions={<Ways run={run} projectId={names.projectId} />}
    >
      <BasisNotice basis={telemetry.basis} />
      <Panel>
        <div className="grid gap-4">
          <ReplayControls {...{ player, names, layout, search, note }} onSearch={show} />
          {first && (
            <TickScrubber
              label={sentenceCase(terms.unit)}
              valueText={`${moment(tick, terms.unit)}, ${names.label(outcome)} ${rangeAt(telemetry, first, tick)} of ${wholeOf(first.metric, terms)}`}
              ticks={telemetry.ticks}
              tick={tick}
              onTick={player.seek}
              band={first.band}
              axis={shareAxis([...first.band.low, ...first.band.high])}
              color="var(--color-accent)"
              events={events}
            />
          )}
          <ReplayPicture {...{ run, telemetry, layout, names, search, tick, frame, note }} />
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

interface WaysProps {
  run: Run;
  projectId: string | undefined;
}

/** Where else this run can be looked at. */
function Ways({ run, projectId }: WaysProps) {
  return (
    <>
      {projectId && (
        <Link
          to="/projects/$projectId/universe"
          params={{ projectId }}
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
  );
}

/** The project's outcome; until it is known the last alternative of the run. */
function useOutcome(runId: string, known: string | undefined): string {
  const start = useQuery(frameOptions(runId, 0));
  return known ?? start.data?.alternatives.at(-1) ?? '';
}

/** The address follows once the hand rests; a change per tick would flood the history. */
function useTickInAddress({ tick, playing }: Player): void {
  const navigate = useNavigate({ from: '/runs/$runId/replay' });
  useEffect(() => {
    if (playing) return;
    const timer = setTimeout(() => {
      void navigate({ search: (known) => ({ ...known, tick }), replace: true });
    }, 400);
    return () => clearTimeout(timer);
  }, [tick, playing, navigate]);
}

function compact(search: ReplaySearch): ReplaySearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
