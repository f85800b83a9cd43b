import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { VariableRegistry } from '@/api/generated/types.gen';
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
import { type InspectorTab, joinIds } from '../search';
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
  alternativeLabel: (name: string) => string;
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
  const {
    projectId,
    nodeId,
    rootId,
    registry,
    alternativeLabel,
    tab,
    onTab,
    onAskFrom,
    onTune,
    onClose,
    headed,
  } = props;
  const query = useQuery(nodeOptions(nodeId));
  const refresh = useRefreshUniverse(projectId);
  const isBranch = nodeId !== rootId;
  const run = useRunNode(projectId);
  const start = () =>
    run.mutate(
      { path: { node_id: nodeId } },
      { onError: (error) => toast(toProblem(error).detail, 'bad') },
    );
  const comparable = isBranch && props.baselineExplored && query.data?.status === 'explored';
  const comparison = useQuery({
    ...comparisonOptions({
      baseId: rootId,
      branchId: nodeId,
      metric: query.data?.outcome?.metric,
      // The window of the headline, so that every number of the panel speaks of the same time.
      from: query.data?.outcome?.from_tick,
      to: query.data?.outcome?.to_tick,
    }),
    enabled: comparable,
  });
  return (
    <Resource query={query} loading={<Loading rows={8} />}>
      {(node) => {
        const replayable = node.runs.find(
          (run) => run.variant === 'with_social_rules' && run.status === 'succeeded',
        );
        const outcomeLabel = node.outcome
          ? alternativeLabel(node.outcome.alternative)
          : 'the outcome';
        return (
          <div className={headed ? 'grid gap-4' : 'grid gap-4 pt-4'}>
            {headed && (
              <div className="flex items-start justify-between gap-2 px-4 pt-4">
                <div className="min-w-0">
                  <p className="text-caption text-t3">
                    {isBranch ? 'What if' : 'The world as it goes on'}
                  </p>
                  <h2 className="text-section font-semibold break-words">
                    {sentenceCase(node.label)}
                  </h2>
                </div>
                <IconButton label="Close the inspector" onClick={onClose}>
                  <X aria-hidden size={16} />
                </IconButton>
              </div>
            )}
            {node.status === 'explored' && (
              <div className="flex flex-wrap gap-2 px-4">
                {comparable && (
                  <Link
                    to="/projects/$projectId/compare"
                    params={{ projectId }}
                    search={{ nodes: joinIds([rootId, nodeId]) }}
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
                <Button
                  size="small"
                  title="Ask a question that continues from here"
                  onClick={onAskFrom}
                >
                  Follow up
                </Button>
              </div>
            )}
            <Tabs<InspectorTab>
              label="Node"
              value={tab}
              onChange={onTab}
              tabs={[
                {
                  value: 'summary',
                  label: 'Summary',
                  content: (
                    <Section>
                      <NodeSummary
                        node={node}
                        terms={props.terms}
                        alternativeLabel={alternativeLabel}
                        comparison={{
                          data: comparison.data,
                          error: comparison.error,
                          isEnabled: comparable,
                        }}
                        onOver={() => refresh(nodeId)}
                        onRun={isBranch && !run.isPending ? start : undefined}
                      />
                    </Section>
                  ),
                },
                {
                  value: 'drivers',
                  label: 'Drivers',
                  content: (
                    <Section>
                      {comparable ? (
                        <Resource query={comparison}>
                          {(data) => <NodeDrivers comparison={data} outcomeLabel={outcomeLabel} />}
                        </Resource>
                      ) : (
                        <p className="text-control text-t2">
                          {isBranch
                            ? 'Drivers appear when this world version and the baseline have both been run.'
                            : 'The baseline is what the others are measured against. It has no drivers.'}
                        </p>
                      )}
                    </Section>
                  ),
                },
                {
                  value: 'changes',
                  label: 'Changes',
                  content: (
                    <Section>
                      <NodeChanges node={node} registry={registry} />
                    </Section>
                  ),
                },
                {
                  value: 'runs',
                  label: 'Runs',
                  content: (
                    <Section>
                      <NodeRuns node={node} />
                    </Section>
                  ),
                },
                {
                  value: 'provenance',
                  label: 'Provenance',
                  content: (
                    <Section>
                      <NodeProvenance node={node} />
                    </Section>
                  ),
                },
              ]}
            />
            {query.isError && query.data && <ErrorState problem={toProblem(query.error)} />}
          </div>
        );
      }}
    </Resource>
  );
}

function Section({ children }: { children: React.ReactNode }) {
  return (
    <div className="px-4 pb-5">
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </div>
  );
}
