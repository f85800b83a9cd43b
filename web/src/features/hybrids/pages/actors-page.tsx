import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type {
  Hybrid,
  HybridSummary,
  Node,
  Project,
  VariableRegistry,
} from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { graphOptions, ProjectNav, projectOptions, registryOptions } from '@/features/universe';
import { ago, utc } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import { announce } from '@/ui/toast';
import { HybridForm } from '../components/hybrid-form';
import { HybridRun } from '../components/hybrid-run';
import { hybridsOptions } from '../queries';
import type { ActorsSearch } from '../search';

interface ActorsPageProps {
  projectId: string;
  search: ActorsSearch;
}

/** What becomes of a world once somebody in it reacts: ask, follow both runs, read the difference. */
export function ActorsPage({ projectId, search }: ActorsPageProps) {
  const project = useQuery(projectOptions(projectId));
  const graph = useQuery(graphOptions(projectId));
  const registry = useQuery(registryOptions(projectId));
  const hybrids = useQuery(hybridsOptions(projectId));
  const failed = [project, graph, registry, hybrids].find((query) => query.error && !query.data);
  const isHere = project.data && graph.data && registry.data && hybrids.data;
  return (
    <Page
      title={project.data ? `Actors in ${project.data.name}` : 'Actors'}
      lead="What if somebody reacts? A world is run with actors in it and without, and both are compared."
      actions={<ProjectNav projectId={projectId} />}
    >
      {failed ? (
        <ErrorState problem={toProblem(failed.error)} onRetry={() => void failed.refetch()} />
      ) : null}
      {!failed && !isHere ? <Loading rows={8} /> : null}
      {isHere ? (
        <Actors
          project={project.data}
          nodes={graph.data.nodes}
          registry={registry.data}
          hybrids={hybrids.data.items}
          hasMore={hybrids.data.next_cursor !== null}
          search={search}
        />
      ) : null}
    </Page>
  );
}

interface ActorsProps {
  project: Project;
  nodes: readonly Node[];
  registry: VariableRegistry;
  hybrids: readonly HybridSummary[];
  hasMore: boolean;
  search: ActorsSearch;
}

function Actors({ project, nodes, registry, hybrids, hasMore, search }: ActorsProps) {
  const navigate = useNavigate({ from: '/projects/$projectId/actors' });
  const shownId = search.run ?? hybrids[0]?.id;
  const show = ({ id }: Pick<Hybrid, 'id'>) => void navigate({ search: { run: id } });
  const world = (id: string) =>
    sentenceCase(nodes.find((node) => node.id === id)?.label ?? 'a world version');
  return (
    <>
      <Panel title="New actors">
        <HybridForm
          project={project}
          nodes={nodes}
          registry={registry}
          onStarted={(hybrid) => {
            announce('The runs have started.');
            show(hybrid);
          }}
        />
      </Panel>
      {shownId ? <HybridRun key={shownId} {...{ id: shownId, project, registry, world }} /> : null}
      {hybrids.length > 0 ? (
        <Panel
          title="Earlier runs with actors"
          caption={hasMore ? `The latest ${hybrids.length}` : undefined}
          flush
        >
          <ul aria-label="Runs with actors" className="grid border-t border-line">
            {hybrids.map((hybrid) => (
              <li key={hybrid.id} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  aria-current={hybrid.id === shownId || undefined}
                  onClick={() => show(hybrid)}
                  className="flex min-h-9 w-full flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-1.5 text-left text-control -outline-offset-2 hover:bg-s2 aria-[current=true]:bg-s3"
                >
                  <span className="min-w-0 flex-1 basis-64 text-t1">
                    {world(hybrid.node_id)}
                    {hybrid.finding ? (
                      <span className="block text-t2">{hybrid.finding}</span>
                    ) : null}
                  </span>
                  <Status status={hybrid.status} />
                  <time
                    dateTime={hybrid.created_at}
                    title={utc(hybrid.created_at)}
                    className="text-caption text-t3"
                  >
                    {ago(hybrid.created_at)}
                  </time>
                </button>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </>
  );
}
