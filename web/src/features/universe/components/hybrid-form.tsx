import { type FormEvent, useState } from 'react';
import type { Hybrid, Node, Project, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase, type Terms, termsOf } from '@/features/runs';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input, NumberInput, Select } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import type { FieldErrors } from '../actions';
import { useStartHybrid } from '../hybrid-queries';
import {
  comparisons,
  emptyHybrid,
  emptyReaction,
  type HybridDraft,
  hybridErrors,
  hybridRequest,
  type Policy,
  policies,
  type ReactionDraft,
  refusedFields,
} from '../hybrids';
import { ActionRows, type MoreProps, QuantityOptions } from './action-rows';

interface HybridFormProps {
  project: Project;
  nodes: readonly Node[];
  registry: VariableRegistry;
  onStarted: (hybrid: Hybrid) => void;
}

/** Who acts, in which world, on what, and how often. */
export function HybridForm({ project, nodes, registry, onStarted }: HybridFormProps) {
  const first = registry.variables[0]?.name ?? '';
  const terms = termsOf(project);
  const [draft, setDraft] = useState(() => emptyHybrid(project.root_node_id, first));
  const [isChecked, setChecked] = useState(false);
  const { start, reset, ...starting } = useStartHybrid(project.id);
  const problem = starting.error ? toProblem(starting.error) : null;
  const refused = refusedFields(problem?.errors ?? [], draft);
  const found = hybridErrors(draft, project.horizon);
  const errors: FieldErrors = isChecked ? { ...refused.at, ...found } : {};
  const change = (changed: Partial<HybridDraft>) => {
    // What the server said was about what was sent.
    if (problem) reset();
    setDraft((known) => ({ ...known, ...changed }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(found).length > 0) return;
    start(hybridRequest(draft, registry), onStarted);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-5">
      <Who {...{ nodes, draft, errors, terms }} onChange={change} />
      <ActionRows<ReactionDraft>
        legend="What it may do"
        actions={draft.actions}
        variables={registry.variables}
        errors={errors}
        create={(key) => emptyReaction(key, first)}
        onActions={(actions) => change({ actions })}
        more={(row) => <Reaction {...row} registry={registry} terms={terms} />}
      />
      {problem && !refused.isWhole ? <ErrorState problem={problem} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-control text-t3">
          {problem && refused.isWhole
            ? `${problem.title}: see the marked fields.`
            : 'The world is run with the actor and without, on the same random numbers.'}
        </p>
        <Button type="submit" variant="primary" busy={starting.isPending}>
          Run with the actor
        </Button>
      </div>
    </form>
  );
}

interface WhoProps {
  nodes: readonly Node[];
  draft: HybridDraft;
  errors: FieldErrors;
  terms: Terms;
  onChange: (changed: Partial<HybridDraft>) => void;
}

/** The actor itself, and the world it is put into. */
function Who({ nodes, draft, errors, terms, onChange }: WhoProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2 md:grid-cols-3">
      <Field label="World version" error={errors.node}>
        <Select
          value={draft.node}
          onChange={(event) => onChange({ node: event.currentTarget.value })}
        >
          {nodes.map(({ id, label }) => (
            <option key={id} value={id}>
              {sentenceCase(label)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Actor" hint="Such as a regulator, a firm, a party." error={errors.name}>
        <Input
          value={draft.name}
          maxLength={80}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Field>
      <Field label="Takes" hint="Of the actions that are open to it." error={errors.policy}>
        <Select
          value={draft.policy}
          onChange={(event) => onChange({ policy: event.currentTarget.value as Policy })}
        >
          {Object.entries(policies).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Budget" optional hint="In the money of the costs." error={errors.budget}>
        <NumberInput
          step="any"
          min={0}
          value={draft.budget}
          onChange={(event) => onChange({ budget: event.currentTarget.value })}
        />
      </Field>
      <Field label={`First decides in ${terms.unit}`} error={errors.first}>
        <NumberInput
          step={1}
          min={1}
          value={draft.first}
          onChange={(event) => onChange({ first: event.currentTarget.value })}
        />
      </Field>
      <Field label="Then every" error={errors.every}>
        <NumberInput
          step={1}
          min={1}
          unit={draft.every.trim() === '1' ? terms.unit : `${terms.unit}s`}
          value={draft.every}
          onChange={(event) => onChange({ every: event.currentTarget.value })}
        />
      </Field>
    </div>
  );
}

interface ReactionProps extends MoreProps<ReactionDraft> {
  registry: VariableRegistry;
  terms: Terms;
}

/** What has to be seen for the action to be open, and how often it may be taken. */
function Reaction({ action, errorOf, onChange, registry, terms }: ReactionProps) {
  const level = registry.levels.find(({ name }) => name === action.signal);
  const unit = level ? level.unit : '%';
  return (
    <>
      <Field label="Open" error={errorOf('signal')}>
        <Select
          value={action.signal}
          onChange={(event) => onChange({ signal: event.currentTarget.value })}
        >
          <option value="">always</option>
          <QuantityOptions registry={registry} terms={terms} />
        </Select>
      </Field>
      {action.signal === '' ? null : (
        <>
          <Field label="While it is" error={errorOf('comparison')}>
            <Select
              value={action.comparison}
              onChange={(event) => {
                const { value } = event.currentTarget;
                const comparison = comparisons.find((one) => one === value);
                if (comparison) onChange({ comparison });
              }}
            >
              {comparisons.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Threshold" error={errorOf('threshold')}>
            <NumberInput
              step="any"
              {...(unit === '1' ? {} : { unit })}
              value={action.threshold}
              onChange={(event) => onChange({ threshold: event.currentTarget.value })}
            />
          </Field>
        </>
      )}
      <Field label="Most uses" error={errorOf('uses')}>
        <NumberInput
          step={1}
          min={1}
          max={600}
          value={action.uses}
          onChange={(event) => onChange({ uses: event.currentTarget.value })}
        />
      </Field>
    </>
  );
}
