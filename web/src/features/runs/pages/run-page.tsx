import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Run } from '@/api/generated/types.gen';
import { bytes, count, dateTime, duration, seconds, utc } from '@/lib/format';
import { buttonClass } from '@/ui/button';
import { Digest } from '@/ui/digest';
import { Page } from '@/ui/page';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { Loading } from '@/ui/states';
import { RunBar } from '../components/run-bar';
import { RunTrail } from '../components/run-trail';
import { isOver, projectOfRunOptions, runNodeOptions, runOptions } from '../queries';
import type { Terms } from '../terms';
import { progressWords, sentenceCase, variantLabel } from '../wording';

/** One execution: how far it is, what it takes to repeat it, where its results are. */
export function RunPage({ runId }: { runId: string }) {
  const run = useQuery(runOptions(runId));
  const node = useQuery({
    ...runNodeOptions(run.data?.node_id ?? ''),
    enabled: run.data !== undefined,
  });
  const project = useQuery({
    ...projectOfRunOptions(run.data?.project_id ?? ''),
    enabled: run.data !== undefined,
  });
  const unit = project.data?.tick_unit ?? 'tick';
  const title = run.data
    ? `${node.data ? `${sentenceCase(node.data.label)}, ` : 'Run '}${variantLabel[run.data.variant]}`
    : 'Run';
  return (
    <Page
      title={title}
      trail={run.data && <RunTrail run={run.data} />}
      actions={
        <>
          {node.data && (
            <Link
              to="/projects/$projectId/universe"
              params={{ projectId: node.data.project_id }}
              search={{ node: node.data.id }}
              className={buttonClass('secondary')}
            >
              Open in the universe
            </Link>
          )}
          {run.data?.status === 'succeeded' && (
            <Link
              to="/runs/$runId/replay"
              params={{ runId }}
              search={{}}
              className={buttonClass('primary')}
            >
              Replay
            </Link>
          )}
        </>
      }
    >
      <Resource query={run} loading={<Loading rows={8} />}>
        {(data) => (
          <div className="grid gap-5">
            <Panel title={panelTitle(data.status)}>
              <RunBar runId={runId} unit={unit} onOver={() => void node.refetch()} />
              {!isOver(data.status) && (
                <p className="mt-3 text-caption text-t3">
                  Cancelling stops after the {unit} in work. A cancelled run changes no node.
                </p>
              )}
              {data.status === 'cancelled' && (
                <p className="mt-3 text-control text-t2">
                  This run was cancelled and changed no node. Run the world version again from the
                  universe.
                </p>
              )}
            </Panel>
            <Replicates run={data} unit={unit} />
            <Panel title="What it takes to repeat it">
              <RunFacts run={data} unit={unit} />
            </Panel>
            {data.status === 'failed' && node.data && (
              <Link
                to="/projects/$projectId/universe"
                params={{ projectId: node.data.project_id }}
                search={{ node: node.data.id }}
                className={buttonClass('primary')}
              >
                Run it again from the universe
              </Link>
            )}
          </div>
        )}
      </Resource>
    </Page>
  );
}

function panelTitle(status: Run['status']): string {
  if (status === 'succeeded') return 'Finished';
  return isOver(status) ? 'How far it came' : 'Progress';
}

interface RunProps {
  run: Run;
  unit: Terms['unit'];
}

const dot = 10;
const gap = 4;
const perRow = 20;

/** All replicates move tick by tick together, so one fill level says it for each. */
function Replicates({ run, unit }: RunProps) {
  const rows = Math.ceil(run.replicates / perRow);
  const share = run.horizon > 0 ? run.tick / run.horizon : 0;
  const across = Math.min(perRow, run.replicates) * (dot + gap);
  return (
    <Panel
      title={`${count(run.replicates)} replicates`}
      caption={`Computed together, ${progressWords(run, unit)}`}
    >
      <svg
        role="img"
        aria-label={`${count(run.replicates)} replicates, ${progressWords(run, unit)}`}
        width={across}
        height={rows * (dot + gap)}
        className="max-w-full"
      >
        {Array.from({ length: run.replicates }, (_, index) => {
          const x = (index % perRow) * (dot + gap);
          const y = Math.floor(index / perRow) * (dot + gap);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a replicate is its index
            <g key={index} transform={`translate(${x} ${y})`}>
              <rect width={dot} height={dot} rx={2} fill="var(--color-s3)" />
              <rect
                y={dot * (1 - share)}
                width={dot}
                height={dot * share}
                rx={2}
                fill={run.status === 'succeeded' ? 'var(--color-ok)' : 'var(--color-accent)'}
              />
            </g>
          );
        })}
      </svg>
    </Panel>
  );
}

function RunFacts({ run, unit }: RunProps) {
  const mono = (text: string, key: string) => (
    <span key={key} className="font-mono">
      {text}
    </span>
  );
  return (
    <Facts
      items={[
        ['Seed', mono(`${run.seed}`, 'seed')],
        ['Personas', mono(count(run.personas), 'personas')],
        ['Horizon', mono(duration(run.horizon, unit), 'horizon')],
        ['Replicates', mono(count(run.replicates), 'replicates')],
        ['Engine', mono(run.engine_version, 'engine')],
        ['Attempt', mono(count(run.attempt), 'attempt')],
        ['Compute', mono(seconds(run.compute_seconds), 'compute')],
        ['Telemetry', mono(bytes(run.telemetry_bytes), 'telemetry')],
        ['Cost', mono('$0.00, a run calls no model', 'cost')],
        [
          'Scenario digest',
          <Digest key="scenario" value={run.scenario_digest} name="scenario digest" />,
        ],
        ['Result digest', <Digest key="result" value={run.digest} name="result digest" />],
        ['Created', when(run.created_at)],
        ['Started', when(run.started_at)],
        ['Finished', when(run.finished_at)],
      ]}
    />
  );
}

function when(iso: string | null) {
  return iso === null ? (
    '—'
  ) : (
    <time dateTime={iso} title={utc(iso)}>
      {dateTime(iso)}
    </time>
  );
}
