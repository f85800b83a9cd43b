import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Plan, Project, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase, termsOf } from '@/features/runs';
import { ProjectNav, projectOptions, registryOptions } from '@/features/universe';
import { ago, count, utc } from '@/lib/format';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import { announce } from '@/ui/toast';
import { PlanForm } from '../components/plan-form';
import { PlanFindings } from '../components/plan-result';
import { planWords } from '../plans';
import { isSearching, plansOptions, useCancelPlan } from '../queries';
import type { PlansSearch } from '../search';

interface PlansPageProps {
  projectId: string;
  search: PlansSearch;
}

/** What one decision maker should do: ask, watch the search, read the best paths. */
export function PlansPage({ projectId, search }: PlansPageProps) {
  const project = useQuery(projectOptions(projectId));
  const registry = useQuery(registryOptions(projectId));
  const plans = useQuery(plansOptions(projectId));
  const failed = [project, registry, plans].find((query) => query.error && !query.data);
  const isHere = project.data && registry.data && plans.data;
  return (
    <Page
      title={project.data ? `Plans of ${project.data.name}` : 'Plans'}
      lead="What should one decision maker do? The best paths of actions, each run as an ensemble of its own."
      actions={<ProjectNav projectId={projectId} />}
    >
      {failed ? (
        <ErrorState problem={toProblem(failed.error)} onRetry={() => void failed.refetch()} />
      ) : null}
      {!failed && !isHere ? <Loading rows={8} /> : null}
      {isHere ? (
        <Plans
          project={project.data}
          registry={registry.data}
          plans={plans.data.items}
          search={search}
        />
      ) : null}
    </Page>
  );
}

interface PlansProps {
  project: Project;
  registry: VariableRegistry;
  plans: readonly Plan[];
  search: PlansSearch;
}

function Plans({ project, registry, plans, search }: PlansProps) {
  const navigate = useNavigate({ from: '/projects/$projectId/plans' });
  const shown = plans.find((plan) => plan.id === search.plan) ?? plans[0];
  const show = (plan: Plan) => void navigate({ search: { plan: plan.id } });
  return (
    <>
      <Panel title="A new plan">
        <PlanForm
          project={project}
          registry={registry}
          onStarted={(plan) => {
            announce('The search has started.');
            show(plan);
          }}
        />
      </Panel>
      {shown ? <Shown plan={shown} project={project} registry={registry} /> : null}
      {plans.length > 1 ? (
        <Panel title="All plans" flush>
          <ul aria-label="Plans" className="grid border-t border-line">
            {plans.map((plan) => (
              <li key={plan.id} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  aria-current={plan.id === shown?.id || undefined}
                  onClick={() => show(plan)}
                  className="flex min-h-9 w-full flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-1.5 text-left text-control -outline-offset-2 hover:bg-s2 aria-[current=true]:bg-s3"
                >
                  <span className="min-w-0 flex-1 basis-64 text-t1">
                    {sentenceCase(planWords(plan, registry))}
                  </span>
                  <Status status={plan.status} />
                  <time
                    dateTime={plan.created_at}
                    title={utc(plan.created_at)}
                    className="text-caption text-t3"
                  >
                    {ago(plan.created_at)}
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

interface ShownProps {
  plan: Plan;
  project: Project;
  registry: VariableRegistry;
}

function Shown({ plan, project, registry }: ShownProps) {
  const cancel = useCancelPlan(project.id);
  const problem = storedProblem(plan.problem);
  const stop = () => cancel.mutate({ path: { plan_id: plan.id } }, { onError: complain });
  if (plan.result) {
    const { result } = plan;
    return (
      <PlanFindings plan={plan} result={result} registry={registry} terms={termsOf(project)} />
    );
  }
  return (
    <Panel
      title={sentenceCase(planWords(plan, registry))}
      caption={`${count(plan.explored)} paths explored`}
      actions={
        isSearching(plan) ? (
          <Button size="small" busy={cancel.isPending} onClick={stop}>
            Cancel search
          </Button>
        ) : undefined
      }
    >
      <Status status={plan.status} />
      {problem ? (
        <div role="alert" className="mt-2 text-control">
          <p className="font-medium">{problem.title}</p>
          <p className="text-t2">{problem.detail}</p>
        </div>
      ) : null}
    </Panel>
  );
}
