import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, Suspense, useState } from 'react';
import type { Node, NodeGraph, Project, VariableRegistry } from '@/api/generated/types.gen';
import { joinIds, NodeInspector, OutcomePanel } from '@/features/comparisons';
import { BasisNotice, sentenceCase, termsOf } from '@/features/runs';
import {
  BaselineCard,
  graphOptions,
  Notices,
  ProjectNav,
  projectOptions,
  registryOptions,
  TuneSheet,
} from '@/features/universe';
import { useSingleKey } from '@/lib/hotkeys';
import { toProblem } from '@/lib/problem';
import { useMedia } from '@/lib/use-media';
import { buttonClass } from '@/ui/button';
import { Sheet } from '@/ui/dialog';
import { Page } from '@/ui/page';
import { ErrorState, Loading } from '@/ui/states';
import { announce } from '@/ui/toast';
import { type Asking, useAsking } from '../asking';
import { AskingPanel } from '../components/asking-panel';
import { RecentQuestions } from '../components/recent-questions';
import { ViewSwitch, WorldVersions } from '../components/world-versions';
import { type UniverseAddress, useUniverseAddress } from '../universe-address';
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

function Universe({ project, graph: { nodes }, search }: UniverseProps) {
  const registry = useQuery(registryOptions(project.id)).data;
  const address = useUniverseAddress(search);
  const asking = useAsking(project.id, search.q, address);
  const tuning = useTuning(nodes, address.select);
  const isPhone = useMedia('(max-width: 39.99rem)');
  const isNarrow = useMedia('(max-width: 62.49rem)');
  const view = search.view ?? (isPhone ? 'table' : 'map');
  const selected = nodes.find((node) => node.id === search.node) ?? null;
  const parent = nodes.find((node) => node.id === search.from && node.kind === 'branch') ?? null;
  const baselineReady = nodes.find((node) => node.kind === 'root')?.status === 'explored';
  useSingleKey('/', asking.focus);

  const { compared, show } = address;
  const closeInspector = () => show({ node: undefined, tab: undefined });
  const inspector = selected && (
    <SelectedInspector
      {...{ project, registry, baselineReady, address, asking }}
      node={selected}
      tab={search.tab}
      headed={!isNarrow}
      onTune={() => tuning.open(selected.id)}
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
          <CompareLink projectId={project.id} compared={compared} />
          <ProjectNav projectId={project.id} />
          <ViewSwitch view={view} onView={(next) => show({ view: next })} />
        </>
      }
    >
      <Notices notices={project.notices} />
      <BasisNotice basis={project.basis} />
      {!baselineReady && <BaselineCard project={project} />}
      <AskingPanel {...{ project, registry, asking, address, parent, baselineReady }} />
      <div className="grid items-start gap-4 md:grid-cols-[minmax(0,1fr)_24rem] md:has-[>:only-child]:grid-cols-1">
        <div className="grid gap-4">
          <WorldVersions
            {...{ view, project, nodes, compared }}
            selectedId={selected?.id ?? null}
            progress={asking.progress}
            onSelect={address.select}
            onCompare={address.compare}
            onTune={tuning.open}
            onAsk={asking.focus}
          />
          <OutcomePanel {...{ project, nodes, selected, registry }} />
        </div>
        {inspector && !isNarrow && (
          <aside aria-label="Inspector" className="min-w-0 rounded-lg border border-line bg-s1">
            {inspector}
          </aside>
        )}
      </div>
      {/* Sheets lie on each other in the order they were opened in; tuning is always the last. */}
      {inspector && isNarrow && tuning.nodeId === null && (
        <InspectorSheet label={selected.label} onClose={closeInspector}>
          {inspector}
        </InspectorSheet>
      )}
      <TuningSheet {...{ project, registry, tuning }} />
      <RecentQuestions projectId={project.id} onOpen={asking.open} />
    </Page>
  );
}

interface SelectedInspectorProps {
  project: Project;
  node: Node;
  registry: VariableRegistry | undefined;
  baselineReady: boolean;
  tab: UniverseSearch['tab'];
  address: UniverseAddress;
  asking: Asking;
  headed: boolean;
  onTune: () => void;
  onClose: () => void;
}

/** The inspector of the selected world version, from which it is asked on and tuned. */
function SelectedInspector(props: SelectedInspectorProps) {
  const { project, node, registry, baselineReady, tab, address, asking } = props;
  const { show } = address;
  return (
    <NodeInspector
      projectId={project.id}
      nodeId={node.id}
      terms={termsOf(project)}
      rootId={project.root_node_id}
      baselineExplored={baselineReady}
      registry={registry}
      tab={tab ?? 'summary'}
      onTab={(next) => show({ tab: next === 'summary' ? undefined : next })}
      onAskFrom={() => {
        show({ from: node.kind === 'root' ? undefined : node.id });
        asking.focus();
      }}
      onTune={props.onTune}
      headed={props.headed}
      onClose={props.onClose}
    />
  );
}

interface InspectorSheetProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** Where there is no room beside the map, the inspector lies over it. */
function InspectorSheet({ label, onClose, children }: InspectorSheetProps) {
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()} title={sentenceCase(label)}>
      <div className="-mx-4 -mt-4">{children}</div>
    </Sheet>
  );
}

interface TuningSheetProps {
  project: Project;
  registry: VariableRegistry | undefined;
  tuning: Tuning;
}

function TuningSheet({ project, registry, tuning }: TuningSheetProps) {
  if (tuning.nodeId === null || !registry) return null;
  return (
    <Suspense fallback={null}>
      <TuneSheet
        key={tuning.nodeId}
        projectId={project.id}
        nodeId={tuning.nodeId}
        variables={registry.variables}
        onClose={tuning.close}
        onTuned={tuning.finish}
      />
    </Suspense>
  );
}

interface Tuning {
  nodeId: string | null;
  open: (nodeId: string) => void;
  close: () => void;
  /** Selects the tuned copy. */
  finish: (madeId: string) => void;
}

/** Which world version is being tuned; only one that has been run can be. */
function useTuning(nodes: readonly Node[], select: (nodeId: string) => void): Tuning {
  const [nodeId, setNodeId] = useState<string | null>(null);
  return {
    nodeId,
    open: (id: string) => {
      const node = nodes.find((entry) => entry.id === id);
      if (node?.status === 'explored') setNodeId(id);
      else announce('Run this world version before you tune it.');
    },
    close: () => setNodeId(null),
    finish: (madeId: string) => {
      setNodeId(null);
      select(madeId);
      announce('The tuned copy is running. It is selected.');
    },
  };
}

interface CompareLinkProps {
  projectId: string;
  compared: readonly string[];
}

function CompareLink({ projectId, compared }: CompareLinkProps) {
  if (compared.length < 2) return null;
  return (
    <Link
      to="/projects/$projectId/compare"
      params={{ projectId }}
      search={{ nodes: joinIds(compared) }}
      className={buttonClass('primary', 'small')}
    >
      Compare {compared.length}
    </Link>
  );
}
