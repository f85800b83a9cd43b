import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import {
  universeCreateProjectMutation,
  universeListProjectsInfiniteQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import type { ProjectCreate } from '@/api/generated/types.gen';
import { populationOptions } from '@/features/populations';
import { templatesOptions } from '@/features/runs';
import { type ApiProblem, toProblem } from '@/lib/problem';
import { useRequestKey } from '@/lib/request-key';
import { Button } from '@/ui/button';
import { Page } from '@/ui/page';
import { ErrorState } from '@/ui/states';
import { DomainStep } from '../components/domain-step';
import { GoalStep } from '../components/goal-step';
import { OutcomeStep } from '../components/outcome-step';
import { PeopleStep } from '../components/people-step';
import { ReviewStep } from '../components/review-step';
import { Steps } from '../components/steps';
import {
  chosenOf,
  type Draft,
  domainOf,
  type Errors,
  STEP_TITLES,
  STEPS,
  type Step,
  stepErrors,
  stepOfField,
  toRequest,
} from '../draft';
import { rolesOptions } from '../queries';

/** Goal, people, domain, outcome, review. Nothing runs; only the last button creates the project. */
export function NewProjectPage({ draft: addressed }: { draft: Draft }) {
  const [isChecked, setChecked] = useState(false);
  const { step } = addressed;
  const { draft, change, goTo: open } = useDraft(addressed);
  const content = useFocusOnStep(step);
  const [refused, setRefused] = useState<Errors>({});
  const { create, ...creating } = useCreate((problem) => {
    const errors = fieldErrors(problem);
    const first = STEPS.find((name) => Object.keys(errors).some((f) => stepOfField(f) === name));
    setRefused(errors);
    if (first) open(first);
  });
  const isReady = useIsReady(draft.population);
  const templates = useQuery(templatesOptions());
  const chosen = chosenOf(draft, templates.data);
  const offers = useQuery({
    ...rolesOptions(domainOf(draft), draft.population),
    enabled: isReady,
  });
  const found = stepErrors(draft, step, chosen);
  const errors = isChecked ? { ...refused, ...found } : refused;
  const goTo = (next: Step) => {
    setChecked(false);
    open(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(found).length > 0) return;
    const next = STEPS[STEPS.indexOf(step) + 1];
    if (next) goTo(next);
    else create(toRequest(draft, chosen, offers.data));
  };
  const previous = STEPS[STEPS.indexOf(step) - 1];
  const edit = (changed: Partial<Draft>) => {
    // What the server refused may be right now; only it can tell.
    setRefused({});
    change(changed);
  };
  const props = { draft, errors, onChange: edit };
  return (
    <Page title="New project">
      <Steps draft={draft} />
      {/* biome-ignore lint/a11y/useSemanticElements: takes the focus of each step; the mapping inside is a form of its own */}
      <div
        ref={content}
        tabIndex={-1}
        role="group"
        aria-label={`Step: ${STEP_TITLES[step]}`}
        className="outline-none"
      >
        {step === 'goal' ? <GoalStep {...props} /> : null}
        {step === 'people' ? <PeopleStep {...props} /> : null}
        {step === 'domain' ? <DomainStep {...props} /> : null}
        {step === 'outcome' ? <OutcomeStep {...props} /> : null}
        {step === 'review' ? <ReviewStep draft={draft} /> : null}
      </div>
      {creating.error ? <ErrorState problem={toProblem(creating.error)} /> : null}
      <form onSubmit={submit} className="flex flex-wrap justify-between gap-3">
        {previous ? <Button onClick={() => goTo(previous)}>Back</Button> : <span />}
        <span className="flex items-center gap-3">
          {step === 'people' && draft.population && !isReady ? (
            <span id="people-wait" className="text-control text-t3">
              The people have to be imported first.
            </span>
          ) : null}
          <Button
            type="submit"
            variant="primary"
            busy={creating.isPending || creating.isSuccess}
            disabled={step === 'people' && draft.population !== undefined && !isReady}
          >
            {step === 'review' ? 'Create project' : 'Continue'}
          </Button>
        </span>
      </form>
    </Page>
  );
}

const ADDRESS_AFTER_MS = 250;

/** Fields answer every key at once; the address follows, so that a reload continues here. */
function useDraft(addressed: Draft) {
  const navigate = useNavigate();
  const [fields, setFields] = useState(addressed);
  const draft = { ...fields, step: addressed.step };
  const search = JSON.stringify(draft);
  const isWritten = search === JSON.stringify({ ...addressed });
  useEffect(() => {
    if (isWritten) return;
    const write = () =>
      void navigate({ to: '/projects/new', search: JSON.parse(search), replace: true });
    const timer = setTimeout(write, ADDRESS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [navigate, search, isWritten]);
  return {
    draft,
    change: (changed: Partial<Draft>) => setFields((before) => ({ ...before, ...changed })),
    goTo: (step: Step) => void navigate({ to: '/projects/new', search: { ...draft, step } }),
  };
}

/** A new step takes the focus, so keyboard and screen reader start at its top. */
function useFocusOnStep(step: Step) {
  const content = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    content.current?.focus();
    window.scrollTo({ top: 0 });
  }, [step]);
  return content;
}

function useIsReady(populationId: string | undefined): boolean {
  const query = useQuery({
    ...populationOptions(populationId ?? ''),
    enabled: populationId !== undefined,
  });
  return query.data?.status === 'ready';
}

/** What the server says of single fields. */
function fieldErrors({ errors }: ApiProblem): Errors {
  return Object.fromEntries(errors.map(({ field, message }) => [field, message]));
}

function useCreate(onRefused: (problem: ApiProblem) => void) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const keyFor = useRequestKey();
  const { mutate, ...state } = useMutation({
    ...universeCreateProjectMutation(),
    onError: (error) => onRefused(toProblem(error)),
    onSuccess: async (project) => {
      await queryClient.invalidateQueries({ queryKey: universeListProjectsInfiniteQueryKey() });
      await navigate({
        to: '/projects/$projectId/universe',
        params: { projectId: project.id },
        replace: true,
      });
    },
  });
  const create = (body: ProjectCreate) =>
    mutate({ body, headers: { 'idempotency-key': keyFor(body) } });
  return { ...state, create };
}
