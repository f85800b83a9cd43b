import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ArcElasticity, Sweep } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { ProjectNav, projectOptions } from '@/features/universe';
import { setting, share, shareRange, significant } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { shareAxis } from '@/ui/charts/geometry';
import { StripTable } from '@/ui/charts/strip-table';
import { type Column, DataTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { askOptions, sweepOptions } from '../queries';
import type { SweepSearch } from '../search';

interface SweepPageProps {
  projectId: string;
  search: SweepSearch;
}

/** Several values of one variable: what each leads to, and how strongly. */
export function SweepPage({ projectId, search }: SweepPageProps) {
  const project = useQuery(projectOptions(projectId));
  const ask = useQuery({ ...askOptions(search.ask ?? ''), enabled: search.ask !== undefined });
  const nodeId = ask.data?.node_id ?? '';
  const sweep = useQuery({ ...sweepOptions(nodeId), enabled: nodeId !== '' });
  const failed = [project, ask, sweep].find((query) => query.error && !query.data);
  return (
    <Page
      title={project.data ? `Several values in ${project.data.name}` : 'Several values'}
      lead="What each value leads to, on one axis, and by how much percent an outcome changes for one percent of it."
      actions={<ProjectNav projectId={projectId} />}
    >
      {failed ? (
        <ErrorState problem={toProblem(failed.error)} onRetry={() => void failed.refetch()} />
      ) : null}
      {!failed && search.ask !== undefined && !sweep.data ? <Loading rows={6} /> : null}
      {sweep.data ? <SweepPanels projectId={projectId} sweep={sweep.data} /> : null}
      {search.ask === undefined ? (
        <Empty title="No values yet">
          Ask about several at once, such as “at $5, $6 or $7”, on the universe's page.
        </Empty>
      ) : null}
    </Page>
  );
}

export function SweepPanels({ projectId, sweep }: { projectId: string; sweep: Sweep }) {
  const { points, unit, label, alternative_label: outcome } = sweep;
  const done = points.flatMap(({ node_id, value, outcome: strip }) =>
    strip ? [{ id: node_id, value, strip }] : [],
  );
  const waiting = points.length - done.length;
  const title = `${sentenceCase(outcome)}, share of ${sweep.share_of}, by ${label}`;
  return (
    <>
      <Panel
        title={title}
        caption={waiting > 0 ? `${waiting} of ${points.length} values still run` : undefined}
      >
        <StripTable
          caption={title}
          labelHeader={sentenceCase(label)}
          valueHeader="Share"
          axis={shareAxis(done.flatMap(({ strip }) => [strip.low, strip.high]))}
          format={share}
          rows={done.map(({ id, value, strip }) => ({
            id,
            label: (
              <Link
                to="/projects/$projectId/universe"
                params={{ projectId }}
                search={{ node: id }}
                className="text-accent underline-offset-2 hover:underline"
              >
                {setting(value, unit || '1')}
              </Link>
            ),
            low: strip.low,
            median: strip.median,
            high: strip.high,
            text: shareRange(strip.low, strip.high),
            tone: 'unclear' as const,
          }))}
        />
      </Panel>
      {sweep.elasticities.length > 0 ? (
        <Panel title="Arc elasticity" caption="Between neighbouring values, paired" flush>
          <DataTable
            caption="Arc elasticity between neighbouring values"
            columns={elasticityColumns(unit)}
            rows={sweep.elasticities}
            rowKey={(row) => `${row.from_value}`}
          />
        </Panel>
      ) : null}
    </>
  );
}

function elasticityColumns(unit: string): Column<ArcElasticity>[] {
  const value = (number: number) => setting(number, unit || '1');
  return [
    {
      key: 'between',
      header: 'Between',
      cell: (row) => `${value(row.from_value)} and ${value(row.to_value)}`,
    },
    {
      key: 'median',
      header: 'Median',
      numeric: true,
      cell: (row) => significant(row.median, 3),
    },
    {
      key: 'interval',
      header: '90 % of replicates',
      numeric: true,
      cell: (row) => `${significant(row.low, 3)} to ${significant(row.high, 3)}`,
    },
  ];
}
