import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Comparison, Node, Project } from '@/api/generated/types.gen';
import { BasisNotice, sentenceCase, type Terms, termsOf } from '@/features/runs';
import { graphOptions, intervalWords, Notices, projectOptions } from '@/features/universe';
import { dateTime, during, pointsRange, shareRange } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Facts, Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { AssumptionsPanel } from '../components/comparison-footer';
import { comparisonOptions } from '../queries';
import { changesBetween, partWords } from '../report';
import { type CompareSearch, splitIds } from '../search';
import { groupLabel, rowVerdict, verdictsAgainst } from '../wording';

interface ReportPageProps {
  projectId: string;
  search: CompareSearch;
}

/** One comparison on paper: the change, the base, the numbers, what they hold and rest on. */
export function ReportPage({ projectId, search }: ReportPageProps) {
  const [baseId = '', branchId = ''] = splitIds(search.nodes);
  const project = useQuery(projectOptions(projectId));
  const graph = useQuery(graphOptions(projectId));
  const comparison = useQuery({
    ...comparisonOptions({
      baseId,
      branchId,
      metric: search.metric,
      from: search.from,
      to: search.to,
    }),
    enabled: baseId !== '' && branchId !== '',
  });
  if (baseId === '' || branchId === '') return <NothingToReport projectId={projectId} />;
  const error = project.error ?? graph.error ?? comparison.error;
  if (error) {
    return (
      <Page title="Report">
        <ErrorState problem={toProblem(error)} />
      </Page>
    );
  }
  if (!project.data || !graph.data || !comparison.data) {
    return (
      <Page title="Report">
        <Loading rows={10} />
      </Page>
    );
  }
  return (
    <Report
      project={project.data}
      nodes={graph.data.nodes}
      comparison={comparison.data}
      search={search}
    />
  );
}

function NothingToReport({ projectId }: { projectId: string }) {
  return (
    <Page title="Report">
      <Empty
        title="Choose what to report"
        action={
          <Link
            to="/projects/$projectId/compare"
            params={{ projectId }}
            search={{}}
            className={buttonClass('primary')}
          >
            Compare
          </Link>
        }
      >
        A report is of two world versions: open their comparison and press “Report”.
      </Empty>
    </Page>
  );
}

interface ReportProps {
  project: Project;
  nodes: readonly Node[];
  comparison: Comparison;
  search: CompareSearch;
}

function Report({ project, nodes, comparison, search }: ReportProps) {
  const terms = termsOf(project);
  const { base_label: base, branch_label: branch } = comparison;
  return (
    <Page
      title={`${sentenceCase(branch)} against ${base}`}
      lead={comparison.sentence}
      actions={<Actions projectId={project.id} search={search} />}
    >
      <Panel title="What is compared">
        <Facts
          items={[
            ['Project', project.name],
            ['Goal', project.goal || 'none is written'],
            ['Base', base],
            ['Changed', branch],
            ['Time', during(comparison.from_tick, comparison.to_tick, terms.unit)],
            ['Printed', dateTime(new Date().toISOString())],
          ]}
        />
      </Panel>
      <Notices notices={comparison.notices} />
      <BasisNotice basis={comparison.basis} />
      <ChangePanel nodes={nodes} comparison={comparison} />
      <NumbersPanel comparison={comparison} terms={terms} />
      <Panel title="What the interval holds">
        <p className="max-w-prose text-control text-t2">{holding(comparison)}</p>
      </Panel>
      <AssumptionsPanel comparison={comparison} />
      <Panel title="Where it comes from">
        <Facts
          items={[
            ['Rests on', comparison.basis.note],
            ['Digest of the base', <Whole key="base" digest={comparison.base_digest} />],
            ['Digest of the change', <Whole key="branch" digest={comparison.branch_digest} />],
            ['Address', <Whole key="address" digest={window.location.href} />],
          ]}
        />
      </Panel>
    </Page>
  );
}

function holding(comparison: Comparison): string {
  return `Each range is ${intervalWords(comparison.interval)}; both sides share their random numbers. ${partWords(comparison.interval_parts)}`;
}

/** On paper nothing can be copied: all of it. */
function Whole({ digest }: { digest: string }) {
  return <code className="font-mono text-caption break-all">{digest}</code>;
}

function Actions({ projectId, search }: { projectId: string; search: CompareSearch }) {
  const { report: _, ...compared } = search;
  return (
    <span className="flex gap-2 print:hidden">
      <Link
        to="/projects/$projectId/compare"
        params={{ projectId }}
        search={compared}
        className={buttonClass()}
      >
        Back
      </Link>
      <Button variant="primary" onClick={() => window.print()}>
        Print
      </Button>
    </span>
  );
}

function ChangePanel({ nodes, comparison }: Pick<ReportProps, 'nodes' | 'comparison'>) {
  const scripts = changesBetween(nodes, comparison.base_node_id, comparison.branch_node_id);
  return (
    <Panel title="The change">
      {scripts.length ? (
        <ul
          aria-label="Changes, in their order"
          className="grid list-disc gap-1.5 pl-5 text-control"
        >
          {scripts.map((script, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: scripts are applied in this order
            <li key={index}>
              {sentenceCase(script.sentence || script.variable)}{' '}
              <code className="font-mono text-caption text-t3">
                {script.variable} {script.operation} {script.value}
              </code>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-control text-t2">Nothing was changed.</p>
      )}
    </Panel>
  );
}

type Row = Comparison['differences'][number];

function NumbersPanel({ comparison, terms }: { comparison: Comparison; terms: Terms }) {
  const verdicts = verdictsAgainst(comparison.base_label);
  const columns: Column<Row>[] = [
    {
      key: 'alternative',
      header: 'Alternative',
      cell: (row) => groupLabel(comparison.alternatives, row.alternative),
    },
    {
      key: 'base',
      header: sentenceCase(comparison.base_label),
      numeric: true,
      cell: ({ base }) => shareRange(base.low, base.high),
    },
    {
      key: 'branch',
      header: sentenceCase(comparison.branch_label),
      numeric: true,
      cell: ({ branch }) => shareRange(branch.low, branch.high),
    },
    {
      key: 'difference',
      header: 'Difference',
      numeric: true,
      cell: ({ difference }) => pointsRange(difference.low, difference.high),
    },
    { key: 'verdict', header: 'Finding', cell: (row) => verdicts[rowVerdict(row)] },
  ];
  return (
    <Panel
      title="The numbers"
      caption={`Shares ${during(comparison.from_tick, comparison.to_tick, terms.unit)}`}
      flush
    >
      <DataTable
        caption="Every alternative on both sides"
        columns={columns}
        rows={comparison.differences}
        rowKey={(row) => row.alternative}
      />
    </Panel>
  );
}
