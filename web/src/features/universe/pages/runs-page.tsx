import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Node, Run } from '@/api/generated/types.gen';
import {
  progressWords,
  runListOptions,
  sentenceCase,
  type Terms,
  variantLabel,
} from '@/features/runs';
import { ago, count, seconds, shortDigest, utc } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Progress } from '@/ui/progress';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import { ProjectNav } from '../components/project-nav';
import { graphOptions, projectOptions } from '../queries';

const stillGoing = (run: Run) => run.status === 'queued' || run.status === 'running';

/** Every execution of the project's world versions, newest first. */
export function RunsPage({ projectId }: { projectId: string }) {
  const project = useQuery(projectOptions(projectId));
  const graph = useQuery(graphOptions(projectId));
  const runs = useInfiniteQuery({
    ...runListOptions(projectId),
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some(stillGoing)) ? 2000 : false,
  });
  const error = graph.error ?? runs.error;
  const nodes = new Map(graph.data?.nodes.map((node) => [node.id, node]));
  const rows = (runs.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <Page
      title={project.data ? `Runs of ${project.data.name}` : 'Runs'}
      actions={<ProjectNav projectId={projectId} />}
    >
      {error ? (
        <ErrorState
          problem={toProblem(error)}
          onRetry={() => {
            void graph.refetch();
            void runs.refetch();
          }}
        />
      ) : null}
      {!error && (!graph.data || !runs.data) && (
        <Panel>
          <Loading rows={6} />
        </Panel>
      )}
      {graph.data && runs.data && rows.length === 0 && <NoRuns projectId={projectId} />}
      {rows.length > 0 && (
        <Panel flush>
          <DataTable
            caption="Runs"
            columns={columns(nodes, project.data?.tick_unit ?? 'tick')}
            rows={rows}
            rowKey={(run) => run.id}
          />
        </Panel>
      )}
      <MoreButton list={runs}>Older runs</MoreButton>
    </Page>
  );
}

function NoRuns({ projectId }: { projectId: string }) {
  return (
    <Empty
      title="Nothing has run yet"
      action={
        <Link
          to="/projects/$projectId/universe"
          params={{ projectId }}
          search={{}}
          className={buttonClass('primary')}
        >
          Open the universe
        </Link>
      }
    >
      A run starts when the baseline is run or a question is asked.
    </Empty>
  );
}

interface RunLinkProps {
  run: Run;
  /** Of its world version. */
  label: string;
}

function RunLink({ run, label }: RunLinkProps) {
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: run.id }}
      className="text-t1 underline-offset-4 hover:text-accent hover:underline"
    >
      {sentenceCase(label)}
      <span className="block min-w-40 text-caption text-t3">{variantLabel[run.variant]}</span>
    </Link>
  );
}

function ReplayLink({ run, label }: RunLinkProps) {
  return (
    <Link
      to="/runs/$runId/replay"
      params={{ runId: run.id }}
      search={{}}
      aria-label={`Replay ${label} ${variantLabel[run.variant]}`}
      className={buttonClass('quiet', 'small')}
    >
      Replay
    </Link>
  );
}

function columns(nodes: ReadonlyMap<string, Node>, unit: Terms['unit']): Column<Run>[] {
  return [
    {
      key: 'node',
      header: 'World version',
      cell: (run) => <RunLink run={run} label={nodes.get(run.node_id)?.label ?? run.node_id} />,
    },
    { key: 'status', header: 'Status', cell: (run) => <Status status={run.status} /> },
    {
      key: 'progress',
      header: 'Progress',
      cell: (run) => (
        <span className="grid min-w-32 gap-1">
          <Progress
            value={run.tick}
            max={run.horizon}
            label={`Progress of the run ${variantLabel[run.variant]}`}
          />
          <span className="font-mono text-caption text-t3">{progressWords(run, unit)}</span>
        </span>
      ),
    },
    {
      key: 'replicates',
      header: 'Replicates',
      numeric: true,
      cell: (run) => count(run.replicates),
    },
    {
      key: 'compute',
      header: 'Compute',
      numeric: true,
      cell: (run) => seconds(run.compute_seconds),
    },
    {
      key: 'digest',
      header: 'Digest',
      cell: (run) => (
        <code className="font-mono" title={run.digest ?? undefined}>
          {shortDigest(run.digest)}
        </code>
      ),
    },
    {
      key: 'started',
      header: 'Created',
      cell: (run) => (
        <time
          dateTime={run.created_at}
          title={utc(run.created_at)}
          className="whitespace-nowrap text-t2"
        >
          {ago(run.created_at)}
        </time>
      ),
    },
    {
      key: 'replay',
      header: <span className="sr-only">Replay</span>,
      cell: (run) =>
        run.status === 'succeeded' ? (
          <ReplayLink run={run} label={nodes.get(run.node_id)?.label ?? ''} />
        ) : null,
    },
  ];
}
