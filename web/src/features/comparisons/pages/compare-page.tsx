import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Comparison, Node, Project, VariableRegistry } from '@/api/generated/types.gen';
import { BasisNotice, sentenceCase, type Terms, termsOf } from '@/features/runs';
import {
  graphOptions,
  Notices,
  ProjectNav,
  projectOptions,
  registryOptions,
} from '@/features/universe';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading, Partial } from '@/ui/states';
import { ClosedFormPanel } from '../components/closed-form-panel';
import { ComparisonControls } from '../components/comparison-controls';
import { AssumptionsPanel, DigestFooter } from '../components/comparison-footer';
import { sidesAgainst } from '../components/comparison-source';
import { DifferencePanel } from '../components/difference-panel';
import { GroupPanel } from '../components/group-panel';
import { LevelsPanel } from '../components/levels-panel';
import { AssumptionEffectsPanel, DriversPanel } from '../components/node-drivers';
import { eventsOf } from '../components/outcome-drawing';
import { SeriesPanel } from '../components/series-panel';
import { SocialRulesPanel } from '../components/social-rules-panel';
import { comparisonOptions } from '../queries';
import { type CompareSearch, joinIds, splitIds } from '../search';

interface ComparePageProps {
  projectId: string;
  search: CompareSearch;
}

/** Two to four world versions; the first is the base that the others are measured against. */
export function ComparePage({ projectId, search }: ComparePageProps) {
  const project = useQuery(projectOptions(projectId));
  const graph = useQuery(graphOptions(projectId));
  const registry = useQuery(registryOptions(projectId));
  const error = project.error ?? graph.error;
  const ids = splitIds(search.nodes);
  if (error) {
    return (
      <Page title="Compare">
        <ErrorState
          problem={toProblem(error)}
          onRetry={() => {
            void project.refetch();
            void graph.refetch();
          }}
        />
      </Page>
    );
  }
  if (!project.data || !graph.data) {
    return (
      <Page title="Compare">
        <Loading rows={10} />
      </Page>
    );
  }
  const chosen = ids.flatMap((id) => graph.data.nodes.filter((node) => node.id === id));
  const [base, ...branches] = chosen;
  if (!base || branches.length === 0) return <NothingToCompare projectId={projectId} />;
  return (
    <Compared
      project={project.data}
      base={base}
      branches={branches}
      registry={registry.data}
      missing={ids.length - chosen.length}
      search={search}
    />
  );
}

function NothingToCompare({ projectId }: { projectId: string }) {
  return (
    <Page title="Compare" actions={<ProjectNav projectId={projectId} />}>
      <Empty
        title="Choose what to compare"
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
        Select a world version that has been run and press “Compare”, or press C on two of them.
      </Empty>
    </Page>
  );
}

interface ComparedProps {
  project: Project;
  base: Node;
  branches: readonly Node[];
  registry: VariableRegistry | undefined;
  missing: number;
  search: CompareSearch;
}

function Compared({ project, base, branches, registry, missing, search }: ComparedProps) {
  const navigate = useNavigate({ from: '/projects/$projectId/compare' });
  const [chosenId, setChosenId] = useState(branches[0]?.id ?? '');
  const branch = branches.find((node) => node.id === chosenId) ?? branches[0] ?? base;
  const terms = termsOf(project);
  const metric = terms.metrics.find((name) => name === search.metric) ?? terms.metrics[0];
  const comparisons = useQueries({
    queries: branches.map((node) => ({
      ...comparisonOptions({
        baseId: base.id,
        branchId: node.id,
        metric,
        from: search.from,
        to: search.to,
      }),
      placeholderData: (previous: Comparison | undefined) => previous,
    })),
  });
  const query = comparisons[branches.indexOf(branch)];
  const title = `${sentenceCase(branch.label)} against ${base.label.toLowerCase() === 'baseline' ? 'the baseline' : base.label}`;
  return (
    <Page
      title={title}
      actions={
        <>
          <Link
            to="/projects/$projectId/compare"
            params={{ projectId: project.id }}
            search={{ ...search, nodes: joinIds([base.id, branch.id]), report: true }}
            className={buttonClass()}
          >
            Report
          </Link>
          <ProjectNav projectId={project.id} />
        </>
      }
    >
      {missing > 0 && (
        <Partial>
          {missing === 1 ? 'One of the nodes' : `${missing} of the nodes`} in this address no longer
          exists in this project. The others are shown.
        </Partial>
      )}
      <ComparisonControls
        terms={terms}
        metric={metric ?? 'stock_share'}
        from={search.from ?? query?.data?.from_tick ?? 1}
        to={search.to ?? query?.data?.to_tick ?? project.horizon}
        horizon={project.horizon}
        branches={branches}
        chosenId={branch.id}
        onBranch={setChosenId}
        onChange={(change) =>
          void navigate({ search: (known) => ({ ...known, ...change }), replace: true })
        }
      />
      {query?.error ? (
        <ErrorState problem={toProblem(query.error)} onRetry={() => void query.refetch()} />
      ) : null}
      {!query?.data && !query?.error && (
        <Panel>
          <Loading rows={10} />
        </Panel>
      )}
      {query?.data && (
        <div className={query.isPlaceholderData ? 'grid gap-5 opacity-60' : 'grid gap-5'}>
          <ComparisonBody
            comparison={query.data}
            base={base}
            branch={branch}
            outcome={query.data.about}
            registry={registry}
            terms={terms}
          />
        </div>
      )}
    </Page>
  );
}

interface ComparisonBodyProps {
  comparison: Comparison;
  base: Node;
  branch: Node;
  outcome: string;
  registry: VariableRegistry | undefined;
  terms: Terms;
}

function ComparisonBody(props: ComparisonBodyProps) {
  const { comparison, base, branch, outcome, registry, terms } = props;
  const groups = [...(registry?.segments ?? []), ...(registry?.regions ?? [])];
  const told = { comparison, outcome, terms };
  return (
    <>
      <Notices notices={comparison.notices} />
      <BasisNotice basis={comparison.basis} />
      <DifferencePanel {...told} sides={sidesAgainst(comparison.base_label)} />
      <SeriesPanel {...told} nodes={{ base, branch }} />
      <LevelsPanel
        comparison={comparison}
        events={eventsOf(branch, [branch])}
        levels={registry?.levels ?? []}
        groups={groups}
        terms={terms}
      />
      <DriversPanel comparison={comparison} outcome={outcome} />
      <AssumptionEffectsPanel comparison={comparison} outcome={outcome} />
      <SocialRulesPanel {...told} />
      <GroupPanel {...told} groups={groups} />
      <ClosedFormPanel comparison={comparison} outcome={outcome} />
      <AssumptionsPanel comparison={comparison} />
      <DigestFooter comparison={comparison} />
    </>
  );
}
