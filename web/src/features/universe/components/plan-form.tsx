import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Plan, Project, Variable, VariableRegistry } from '@/api/generated/types.gen';
import { metricName, parameterTitle, sentenceCase, termsOf } from '@/features/runs';
import { toProblem } from '@/lib/problem';
import { Button, IconButton } from '@/ui/button';
import { Field, Input, NumberInput, Select } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { useStartPlan } from '../plan-queries';
import {
  type ActionDraft,
  emptyAction,
  emptyPlan,
  type Operation,
  operations,
  type PlanDraft,
  type PlanErrors,
  planErrors,
  planRequest,
} from '../plans';

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
      <Actions
        actions={draft.actions}
        variables={registry.variables}
        errors={errors}
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

interface ActionsProps {
  actions: readonly ActionDraft[];
  variables: readonly Variable[];
  errors: PlanErrors;
  onActions: (actions: readonly ActionDraft[]) => void;
}

const mostActions = 30;

function Actions({ actions, variables, errors, onActions }: ActionsProps) {
  const next = Math.max(...actions.map(({ key }) => key)) + 1;
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-control font-medium text-t1">What may be done</legend>
      {actions.map((action, index) => (
        <ActionRow
          key={action.key}
          number={index + 1}
          action={action}
          variables={variables}
          errorOf={(name) => errors[`actions.${index}.${name}`]}
          onChange={(changed) =>
            onActions(actions.map((one) => (one === action ? { ...one, ...changed } : one)))
          }
          onRemove={
            actions.length > 1
              ? () => onActions(actions.filter((one) => one !== action))
              : undefined
          }
        />
      ))}
      <Button
        size="small"
        className="justify-self-start"
        disabled={actions.length >= mostActions}
        onClick={() => onActions([...actions, emptyAction(next, variables[0]?.name ?? '')])}
      >
        <Plus aria-hidden size={14} />
        Another action
      </Button>
    </fieldset>
  );
}

interface ActionRowProps {
  number: number;
  action: ActionDraft;
  variables: readonly Variable[];
  errorOf: (name: string) => string | undefined;
  onChange: (changed: Partial<ActionDraft>) => void;
  onRemove: (() => void) | undefined;
}

function ActionRow({ number, action, variables, errorOf, onChange, onRemove }: ActionRowProps) {
  const variable = variables.find(({ name }) => name === action.variable);
  const unit = action.operation === 'multiply' || variable?.unit === '1' ? '' : variable?.unit;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within one would be read with both legends
    <div
      role="group"
      aria-label={`Action ${number}`}
      className="grid items-start gap-3 rounded-md border border-line p-3 sm:grid-cols-2 md:grid-cols-[1.2fr_1.4fr_8.5rem_1fr_8rem_auto]"
    >
      <Field label="Name" error={errorOf('name')}>
        <Input
          value={action.name}
          maxLength={80}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Field>
      <Field label="Changes">
        <Select
          value={action.variable}
          onChange={(event) => onChange({ variable: event.currentTarget.value })}
        >
          {variables.map(({ name, alternative, label }) => (
            <option key={name} value={name}>
              {alternative === null ? parameterTitle(name) : sentenceCase(label)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="How">
        <Select
          value={action.operation}
          onChange={(event) => onChange({ operation: event.currentTarget.value as Operation })}
        >
          {Object.entries(operations).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Value" error={errorOf('value')}>
        <NumberInput
          step="any"
          {...(unit ? { unit } : {})}
          value={action.value}
          onChange={(event) => onChange({ value: event.currentTarget.value })}
        />
      </Field>
      <Field label="Cost" error={errorOf('money')}>
        <NumberInput
          step="any"
          min={0}
          placeholder="0"
          value={action.money}
          onChange={(event) => onChange({ money: event.currentTarget.value })}
        />
      </Field>
      {onRemove ? (
        <span className="md:pt-6">
          <IconButton label={`Remove action ${number}`} onClick={onRemove}>
            <X aria-hidden size={16} />
          </IconButton>
        </span>
      ) : null}
    </div>
  );
}

interface WishesProps {
  project: Project;
  registry: VariableRegistry;
  draft: PlanDraft;
  errors: PlanErrors;
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
          <optgroup label={`Share of ${metricName('stock', terms)}`}>
            {registry.alternatives.map(({ name, label }) => (
              <option key={name} value={name}>
                {sentenceCase(label)}
              </option>
            ))}
          </optgroup>
          {registry.levels.length > 0 ? (
            <optgroup label="Mean">
              {registry.levels.map(({ name, label }) => (
                <option key={name} value={name}>
                  {sentenceCase(label)}
                </option>
              ))}
            </optgroup>
          ) : null}
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
