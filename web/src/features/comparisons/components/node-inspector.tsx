import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import type { NodeDetail, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import {
  NodeChanges,
  NodeProvenance,
  NodeRuns,
  nodeOptions,
  useRefreshUniverse,
  useRunNode,
} from '@/features/universe';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass, IconButton } from '@/ui/button';
import { Resource } from '@/ui/resource';
import { ErrorState, Loading } from '@/ui/states';
import { Tabs } from '@/ui/tabs';
import { toast } from '@/ui/toast';
import { comparisonOptions } from '../queries';
import { type InspectorTab, inspectorTabs, joinIds } from '../search';
import { groupLabel } from '../wording';
import { NodeSummary } from './node-summary';

/** Code that comes when somebody opens this tab: the first view has no room for it. */
const NodeDrivers = lazy(async () => ({ default: (await import('./node-drivers')).NodeDrivers }));

interface NodeInspectorProps {
  projectId: string;
  nodeId: string;
  terms: Terms;
  rootId: string;
  baselineExplored: boolean;
  registry: VariableRegistry | undefined;
  tab: InspectorTab;
  onTab: (tab: InspectorTab) => void;
  onAskFrom: () => void;
  /** Opens a copy of this world version to be changed. */
  onTune: () => void;
  onClose: () => void;
  /** A sheet brings its own heading. */
  headed: boolean;
}

/** Everything about one world version, each part one click away. */
export function NodeInspector(props: NodeInspectorProps) {
  const { nodeId, rootId, tab, onTab, onClose, headed } = props;
  const query = useQuery(nodeOptions(nodeId));
  const comparison = useAgainstBaseline(query.data, props);
  return (
    <Resource query={query} loading={<Loading rows={8} />}>
      {(node) => (
        <div className={headed ? 'grid gap-4' : 'grid gap-4 pt-4'}>
          {headed && <Heading node={node} isBranch={nodeId !== rootId} onClose={onClose} />}
          {node.status === 'explored' && (
            <NodeActions {...props} node={node} isComparable={comparison.isEnabled} />
          )}
          <Tabs<InspectorTab>
            label="Node"
            value={tab}
            onChange={onTab}
            tabs={tabsOf(node, comparison, props)}
          />
          {query.isError && query.data && <ErrorState problem={toProblem(query.error)} />}
        </div>
      )}
    </Resource>
  );
}

/** What the node differs in from the baseline; asked for once both have been run. */
function useAgainstBaseline(
  node: NodeDetail | undefined,
  { nodeId, rootId, baselineExplored }: NodeInspectorProps,
) {
  const isEnabled = nodeId !== rootId && baselineExplored && node?.status === 'explored';
  const query = useQuery({
    ...comparisonOptions({
      baseId: rootId,
      branchId: nodeId,
      metric: node?.outcome?.metric,
      // The window of the headline, so that every number of the panel speaks of the same time.
      from: node?.outcome?.from_tick,
      to: node?.outcome?.to_tick,
    }),
    enabled: isEnabled,
  });
  return { query, isEnabled };
}

type AgainstBaseline = ReturnType<typeof useAgainstBaseline>;

interface HeadingProps {
  node: NodeDetail;
  isBranch: boolean;
  onClose: () => void;
}

function Heading({ node, isBranch, onClose }: HeadingProps) {
  return (
    <div className="flex items-start justify-between gap-2 px-4 pt-4">
      <div className="min-w-0">
        <p className="text-caption text-t3">{isBranch ? 'What if' : 'The world as it goes on'}</p>
        <h2 className="text-section font-semibold break-words">{sentenceCase(node.label)}</h2>
      </div>
      <IconButton label="Close the inspector" onClick={onClose}>
        <X aria-hidden size={16} />
      </IconButton>
    </div>
  );
}

interface NodeActionsProps
  extends Pick<NodeInspectorProps, 'projectId' | 'rootId' | 'onAskFrom' | 'onTune'> {
  node: NodeDetail;
  isComparable: boolean;
}

/** What can be done with a world version that has been run. */
function NodeActions(props: NodeActionsProps) {
  const { projectId, rootId, node, isComparable, onAskFrom, onTune } = props;
  const replayable = node.runs.find(
    (run) => run.variant === node.headline && run.status === 'succeeded',
  );
  return (
    <div className="flex flex-wrap gap-2 px-4">
      {isComparable && (
        <Link
          to="/projects/$projectId/compare"
          params={{ projectId }}
          search={{ nodes: joinIds([rootId, node.id]) }}
          aria-label="Compare with baseline"
          title="Compare with baseline"
          className={buttonClass('primary', 'small')}
        >
          Compare
        </Link>
      )}
      {replayable && (
        <Link
          to="/runs/$runId/replay"
          params={{ runId: replayable.id }}
          search={{}}
          className={buttonClass('secondary', 'small')}
        >
          Replay
        </Link>
      )}
      <Button size="small" title="Change values in a copy of it" onClick={onTune}>
        Tune
      </Button>
      <Button size="small" title="Ask a question that continues from here" onClick={onAskFrom}>
        Follow up
      </Button>
    </div>
  );
}

const tabLabels: Record<InspectorTab, string> = {
  summary: 'Summary',
  drivers: 'Drivers',
  changes: 'Changes',
  runs: 'Runs',
  provenance: 'Provenance',
};

function tabsOf(node: NodeDetail, comparison: AgainstBaseline, props: NodeInspectorProps) {
  const contents: Record<InspectorTab, ReactNode> = {
    summary: <SummaryTab {...props} node={node} comparison={comparison} />,
    drivers: <DriversTab {...props} node={node} comparison={comparison} />,
    changes: <NodeChanges node={node} registry={props.registry} />,
    runs: <NodeRuns node={node} />,
    provenance: <NodeProvenance node={node} />,
  };
  return inspectorTabs.map((value) => ({
    value,
    label: tabLabels[value],
    content: (
      <div className="px-4 pb-5">
        <Suspense fallback={<Loading />}>{contents[value]}</Suspense>
      </div>
    ),
  }));
}

interface TabProps extends NodeInspectorProps {
  node: NodeDetail;
  comparison: AgainstBaseline;
}

function SummaryTab({ node, comparison, projectId, rootId, terms, registry }: TabProps) {
  const refresh = useRefreshUniverse(projectId);
  const run = useRunNode(projectId);
  const start = () =>
    run.mutate(
      { path: { node_id: node.id } },
      { onError: (error) => toast(toProblem(error).detail, 'bad') },
    );
  const { query, isEnabled } = comparison;
  return (
    <NodeSummary
      node={node}
      terms={terms}
      alternativeLabel={(name) => groupLabel(registry?.alternatives, name)}
      comparison={{ data: query.data, error: query.error, isEnabled }}
      onOver={() => refresh(node.id)}
      onRun={node.id !== rootId && !run.isPending ? start : undefined}
    />
  );
}

function DriversTab({ node, comparison, rootId, registry }: TabProps) {
  if (!comparison.isEnabled) {
    return (
      <p className="text-control text-t2">
        {node.id === rootId
          ? 'The baseline is what the others are measured against. It has no drivers.'
          : 'Drivers appear when this world version and the baseline have both been run.'}
      </p>
    );
  }
  const outcomeLabel = node.outcome
    ? groupLabel(registry?.alternatives, node.outcome.alternative)
    : 'the outcome';
  return (
    <Resource query={comparison.query}>
      {(data) => <NodeDrivers comparison={data} outcomeLabel={outcomeLabel} />}
    </Resource>
  );
}
