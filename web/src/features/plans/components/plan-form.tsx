import { type FormEvent, useState } from 'react';
import type { Plan, Project, VariableRegistry } from '@/api/generated/types.gen';
import { termsOf } from '@/features/runs';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input, NumberInput, Select } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { emptyAction, type FieldErrors } from '../actions';
import { emptyPlan, type PlanDraft, planErrors, planRequest } from '../plans';
import { useStartPlan } from '../queries';
import { ActionRows, QuantityOptions } from './action-rows';

interface PlanFormProps {
  project: Project;
  registry: VariableRegistry;
  onStarted: (plan: Plan) => void;
}

/** What may be done, at what cost and when, and what for. */
export function PlanForm({ project, registry, onStarted }: PlanFormProps) {
  const first = registry.variables[0]?.name ?? '';
  const [draft, setDraft] = useState(() => emptyPlan(project, first));
  const [isChecked, setChecked] = useState(false);
  const { start, ...starting } = useStartPlan(project.id);
  const found = planErrors(draft);
  const errors = isChecked ? found : {};
  const change = (changed: Partial<PlanDraft>) => setDraft((known) => ({ ...known, ...changed }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(found).length > 0) return;
    start(planRequest(draft, project.horizon, registry), onStarted);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-5">
      <ActionRows
        legend="What may be done"
        actions={draft.actions}
        variables={registry.variables}
        errors={errors}
        create={(key) => emptyAction(key, first)}
        onActions={(actions) => change({ actions })}
      />
      <Wishes {...{ project, registry, draft, errors }} onChange={change} />
      {starting.error ? <ErrorState problem={toProblem(starting.error)} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-control text-t3">
          Paths are searched by forecast; the best are run as ensembles, and only those rank them.
        </p>
        <Button type="submit" variant="primary" busy={starting.isPending}>
          Search plans
        </Button>
      </div>
    </form>
  );
}

interface WishesProps {
  project: Project;
  registry: VariableRegistry;
  draft: PlanDraft;
  errors: FieldErrors;
  onChange: (changed: Partial<PlanDraft>) => void;
}

/** The goal at the horizon, and what has to be kept to. */
function Wishes({ project, registry, draft, errors, onChange }: WishesProps) {
  const terms = termsOf(project);
  const level = registry.levels.find(({ name }) => name === draft.quantity);
  const unit = level ? level.unit : '%';
  return (
    <div className="grid gap-4 sm:grid-cols-2 md:grid-cols-3">
      <Field label="Goal" hint={`At the end, ${terms.unit} ${project.horizon}.`}>
        <Select
          value={draft.quantity}
          onChange={(event) => onChange({ quantity: event.currentTarget.value })}
        >
          <QuantityOptions registry={registry} terms={terms} />
        </Select>
      </Field>
      <Field label="Wanted">
        <Select
          value={draft.direction}
          onChange={(event) =>
            onChange({ direction: event.currentTarget.value === 'low' ? 'low' : 'high' })
          }
        >
          <option value="high">as high as possible</option>
          <option value="low">as low as possible</option>
        </Select>
      </Field>
      <Field
        label={draft.direction === 'high' ? 'Must reach at least' : 'Must stay at most'}
        optional
        error={errors.target}
      >
        <NumberInput
          step="any"
          {...(unit === '1' ? {} : { unit })}
          value={draft.target}
          onChange={(event) => onChange({ target: event.currentTarget.value })}
        />
      </Field>
      <Field label="Budget" optional hint="In the money of the costs." error={errors.budget}>
        <NumberInput
          step="any"
          min={0}
          value={draft.budget}
          onChange={(event) => onChange({ budget: event.currentTarget.value })}
        />
      </Field>
      <Field
        label={`When, in ${terms.unit}s`}
        hint="The times at which an action may start."
        error={errors.ticks}
      >
        <Input
          inputMode="numeric"
          className="font-mono"
          value={draft.ticks}
          onChange={(event) => onChange({ ticks: event.currentTarget.value })}
        />
      </Field>
      <Field label="Most steps" hint="How many actions a plan may hold." error={errors.steps}>
        <NumberInput
          step={1}
          min={0}
          max={60}
          value={draft.steps}
          onChange={(event) => onChange({ steps: event.currentTarget.value })}
        />
      </Field>
    </div>
  );
}
