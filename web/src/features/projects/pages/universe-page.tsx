import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Suspense, useMemo, useRef, useState } from 'react';
import type { Ask, Node, NodeGraph, Project } from '@/api/generated/types.gen';
import {
  AskBox,
  AskProgress,
  askOptions,
  asksOptions,
  isSettled,
  RecentAsks,
  useAsk,
} from '@/features/asks';
import { joinIds, NodeInspector, OutcomePanel, splitIds } from '@/features/comparisons';
import { metricName, sentenceCase, termsOf } from '@/features/runs';
import {
  BaselineCard,
  graphOptions,
  NodeTree,
  ProjectNav,
  projectOptions,
  registryOptions,
  TuneSheet,
  UniverseMap,
} from '@/features/universe';
import { useSingleKey } from '@/lib/hotkeys';
import { toProblem } from '@/lib/problem';
import { useMedia } from '@/lib/use-media';
import { Button, buttonClass } from '@/ui/button';
import { shareAxis } from '@/ui/charts/geometry';
import { Sheet } from '@/ui/dialog';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { ErrorState, Loading } from '@/ui/states';
import { announce, toast } from '@/ui/toast';
import type { UniverseSearch } from '../universe-search';

interface UniversePageProps {
  projectId: string;
  search: UniverseSearch;
}

/** A project's world versions: ask, watch it run, inspect the answer. */
export function UniversePage({ projectId, search }: UniversePageProps) {
  const project = useQuery(projectOptions(projectId));
  const graph = useQuery({
    ...graphOptions(projectId),
    refetchInterval: (query) =>
      query.state.data?.nodes.some((node) => node.status === 'running') ? 2000 : false,
  });
  if (!project.data || !graph.data) {
    const error = project.error ?? graph.error;
    const again = () => {
      void project.refetch();
      void graph.refetch();
    };
    return (
      <Page title="Universe" wide>
        {error ? <ErrorState problem={toProblem(error)} onRetry={again} /> : <Loading rows={8} />}
      </Page>
    );
  }
  return <Universe project={project.data} graph={graph.data} search={search} />;
}

interface UniverseProps {
  project: Project;
  graph: NodeGraph;
  search: UniverseSearch;
}

function Universe({ project, graph, search }: UniverseProps) {
  const client = useQueryClient();
  const navigate = useNavigate({ from: '/projects/$projectId/universe' });
  const registry = useQuery(registryOptions(project.id));
  const asks = useQuery(asksOptions(project.id));
  const ask = useAsk(project.id);
  const [askId, setAskId] = useState<string | null>(null);
  const [tunedId, setTunedId] = useState<string | null>(null);
  const [draft, setDraft] = useState({ text: search.q ?? '' });
  const input = useRef<HTMLTextAreaElement>(null);
  const isPhone = useMedia('(max-width: 39.99rem)');
  const isNarrow = useMedia('(max-width: 62.49rem)');
  const view = search.view ?? (isPhone ? 'table' : 'map');
  const compared = splitIds(search.compare);
  const { nodes } = graph;
  const selected = nodes.find((node) => node.id === search.node) ?? null;
  const parent = nodes.find((node) => node.id === search.from && node.kind === 'branch') ?? null;
  const root = nodes.find((node) => node.kind === 'root');
  const baselineReady = root?.status === 'explored';
  const axis = useMemo(() => outcomeAxis(nodes), [nodes]);
  const progress = useAskProgress(askId);

  const show = (change: Partial<UniverseSearch>, replace = true) =>
    void navigate({ search: (known) => clean({ ...known, ...change }), replace });
  const select = (nodeId: string) => show({ node: nodeId }, false);
  const compare = (nodeId: string) => {
    const isIn = compared.includes(nodeId);
    const next = isIn ? compared.filter((id) => id !== nodeId) : [...compared, nodeId].slice(-4);
    announce(isIn ? 'Taken out of the comparison' : `${next.length} in the comparison`);
    show({ compare: joinIds(next) });
  };
  const submit = (question: string, acceptPartial: boolean, parentId = parent?.id) =>
    ask.mutate(
      {
        path: { project_id: project.id },
        body: {
          question,
          accept_partial: acceptPartial,
          ...(parentId === undefined ? {} : { parent_node_id: parentId }),
        },
      },
      {
        onSuccess: (answer) => {
          setAskId(answer.id);
          setDraft({ text: '' });
          show({ from: undefined });
        },
      },
    );
  const tune = (nodeId: string) => {
    const node = nodes.find((entry) => entry.id === nodeId);
    if (node?.status === 'explored') setTunedId(nodeId);
    else announce('Run this world version before you tune it.');
  };
  const tuned = (nodeId: string) => {
    setTunedId(null);
    select(nodeId);
    announce('The tuned copy is running. It is selected.');
  };
  const focusAsk = () => input.current?.focus();
  const rephrase = (entry: Ask) => {
    setDraft({ text: entry.question });
    setAskId(null);
    focusAsk();
  };
  const open = (entry: Ask) => {
    client.setQueryData(askOptions(entry.id).queryKey, entry);
    if (entry.status === 'finished' && entry.node_id) select(entry.node_id);
    else setAskId(entry.id);
  };
  useSingleKey('/', focusAsk);

  const alternativeLabel = (name: string) =>
    registry.data?.alternatives.find((entry) => entry.name === name)?.label ?? name;
  const terms = termsOf(project);
  const closeInspector = () => show({ node: undefined, tab: undefined });
  const inspector = selected && (
    <NodeInspector
      projectId={project.id}
      nodeId={selected.id}
      terms={terms}
      rootId={project.root_node_id}
      baselineExplored={baselineReady}
      registry={registry.data}
      alternativeLabel={alternativeLabel}
      tab={search.tab ?? 'summary'}
      onTab={(tab) => show({ tab: tab === 'summary' ? undefined : tab })}
      onAskFrom={() => {
        show({ from: selected.kind === 'root' ? undefined : selected.id });
        focusAsk();
      }}
      onTune={() => setTunedId(selected.id)}
      headed={!isNarrow}
      onClose={closeInspector}
    />
  );
  return (
    <Page
      title={project.name}
      lead={project.goal === '' ? undefined : project.goal}
      wide
      actions={
        <>
          {compared.length > 1 && (
            <Link
              to="/projects/$projectId/compare"
              params={{ projectId: project.id }}
              search={{ nodes: joinIds(compared) }}
              className={buttonClass('primary', 'small')}
            >
              Compare {compared.length}
            </Link>
          )}
          <ProjectNav projectId={project.id} />
          <ViewSwitch view={view} onView={(next) => show({ view: next })} />
        </>
      }
    >
      {!baselineReady && <BaselineCard project={project} />}
      <AskBox
        projectId={project.id}
        registry={registry.data}
        draft={draft}
        from={parent}
        onClearFrom={() => show({ from: undefined })}
        disabledReason={
          baselineReady ? null : 'Run the baseline first: every answer is a difference from it.'
        }
        busy={ask.isPending}
        problem={ask.error}
        onAsk={submit}
        inputRef={input}
      />
      {askId !== null && (
        <Suspense fallback={null}>
          <AskProgress
            key={askId}
            projectId={project.id}
            askId={askId}
            unit={terms.unit}
            registry={registry.data}
            onNode={select}
            onAcceptPartial={(entry) => submit(entry.question, true, entry.parent_node_id)}
            onRephrase={rephrase}
            onClose={() => setAskId(null)}
          />
        </Suspense>
      )}
      <div className="grid items-start gap-4 md:grid-cols-[minmax(0,1fr)_24rem] md:has-[>:only-child]:grid-cols-1">
        <div className="grid gap-4">
          {view === 'map' ? (
            <UniverseMap
              nodes={nodes}
              selectedId={selected?.id ?? null}
              compared={compared}
              progress={progress}
              axis={axis}
              onSelect={select}
              onCompare={compare}
              onTune={tune}
              onAsk={focusAsk}
            />
          ) : (
            <NodeTree
              nodes={nodes}
              selectedId={selected?.id ?? null}
              compared={compared}
              axis={axis}
              outcomeLabel={`${sentenceCase(project.outcome_label)}, share of ${metricName(terms.metrics[0] ?? 'stock', terms)}`}
              onSelect={select}
              onCompare={compare}
              onTune={tune}
            />
          )}
          <OutcomePanel
            project={project}
            nodes={nodes}
            selected={selected}
            registry={registry.data}
          />
        </div>
        {inspector && !isNarrow && (
          <aside aria-label="Inspector" className="min-w-0 rounded-lg border border-line bg-s1">
            {inspector}
          </aside>
        )}
      </div>
      {/* Sheets lie on each other in the order they were opened in; tuning is always the last. */}
      {inspector && isNarrow && tunedId === null && (
        <Sheet
          open
          onOpenChange={(isOpen) => !isOpen && closeInspector()}
          title={sentenceCase(selected.label)}
        >
          <div className="-mx-4 -mt-4">{inspector}</div>
        </Sheet>
      )}
      {tunedId !== null && registry.data && (
        <Suspense fallback={null}>
          <TuneSheet
            key={tunedId}
            projectId={project.id}
            nodeId={tunedId}
            variables={registry.data.variables}
            onClose={() => setTunedId(null)}
            onTuned={tuned}
          />
        </Suspense>
      )}
      {asks.data && asks.data.items.length > 0 && (
        <Panel title="Recent questions" flush>
          <RecentAsks asks={asks.data.items} onOpen={open} />
        </Panel>
      )}
      {asks.error && asks.data === undefined && (
        <Panel title="Recent questions">
          <p className="text-control text-t2">
            {toProblem(asks.error).title}.{' '}
            <Button
              variant="quiet"
              size="small"
              onClick={() => void asks.refetch().catch(() => toast('Still failing', 'bad'))}
            >
              Retry
            </Button>
          </p>
        </Panel>
      )}
    </Page>
  );
}

function ViewSwitch({
  view,
  onView,
}: {
  view: 'map' | 'table';
  onView: (view: 'map' | 'table') => void;
}) {
  return (
    <fieldset className="flex rounded-md border border-edge p-0.5">
      <legend className="sr-only">View</legend>
      {(['map', 'table'] as const).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={view === name}
          onClick={() => onView(name)}
          className="min-h-7 rounded-sm px-2.5 text-control text-t2 aria-pressed:bg-s3 aria-pressed:text-t1"
        >
          {name === 'map' ? 'Map' : 'Table'}
        </button>
      ))}
    </fieldset>
  );
}

/** Unset keys leave the address. */
function clean(search: UniverseSearch): UniverseSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** One axis for every outcome of the project, so that cards can be compared by eye. */
function outcomeAxis(nodes: readonly Node[]) {
  return shareAxis(
    nodes.flatMap((node) => (node.outcome ? [node.outcome.low, node.outcome.high] : [])),
  );
}

/** Share done of the runs of the question being answered, by node. */
function useAskProgress(askId: string | null): ReadonlyMap<string, number> {
  const { data } = useQuery({ ...askOptions(askId ?? ''), enabled: askId !== null });
  return useMemo(
    () => new Map(data?.node_id && !isSettled(data) ? [[data.node_id, data.progress]] : []),
    [data],
  );
}
