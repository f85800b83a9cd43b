import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Hybrid, Node, Project, VariableRegistry } from '@/api/generated/types.gen';
import type { FieldErrors } from '@/features/plans';
import { ActionRows, type MoreProps, QuantityOptions } from '@/features/plans';
import { sentenceCase, type Terms, termsOf } from '@/features/runs';
import { preposition } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button, IconButton } from '@/ui/button';
import { Field, Input, NumberInput, Options, Select } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import {
  type ActorDraft,
  comparisons,
  emptyActor,
  emptyHybrid,
  emptyReaction,
  errorsOfActor,
  type HybridDraft,
  hybridErrors,
  hybridRequest,
  mostActors,
  type Policy,
  policies,
  type ReactionDraft,
  refusedFields,
} from '../hybrids';
import { useStartHybrid } from '../queries';

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
  const { actors } = draft;
  const next = Math.max(...actors.map(({ key }) => key)) + 1;
  const isMarked = Object.keys(errors).length > 0;
  return (
    <form onSubmit={submit} noValidate className="grid gap-5">
      <Field label="World version" className="max-w-sm" error={errors.node}>
        <Select
          value={draft.node}
          onChange={(event) => change({ node: event.currentTarget.value })}
        >
          {nodes.map(({ id, label }) => (
            <option key={id} value={id}>
              {sentenceCase(label)}
            </option>
          ))}
        </Select>
      </Field>
      {actors.map((actor, index) => (
        <Acting
          key={actor.key}
          number={index + 1}
          errors={errorsOfActor(errors, index)}
          onRemove={
            actors.length > 1
              ? () => change({ actors: actors.filter((one) => one !== actor) })
              : undefined
          }
          onChange={(changed) =>
            change({
              actors: actors.map((one) => (one === actor ? { ...one, ...changed } : one)),
            })
          }
          {...{ actor, registry, terms }}
        />
      ))}
      <div className="border-t border-line pt-4">
        <Button
          size="small"
          disabled={actors.length >= mostActors}
          onClick={() => change({ actors: [...actors, emptyActor(next, first)] })}
        >
          <Plus aria-hidden size={14} />
          Another actor
        </Button>
      </div>
      {problem && !refused.isWhole ? <ErrorState problem={problem} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
        <p role="status" className="text-control text-t3">
          {statusWords(problem && refused.isWhole ? problem.title : null, isMarked)}
        </p>
        <Button type="submit" variant="primary" busy={starting.isPending}>
          Run with actors
        </Button>
      </div>
    </form>
  );
}

/** What became of the last attempt, or what an attempt will do. */
function statusWords(refusal: string | null, isMarked: boolean): string {
  if (refusal !== null) return `${refusal}: see the marked fields.`;
  if (isMarked) return 'Not started: see the marked fields.';
  return 'The world is run with actors and without, on the same random numbers.';
}

interface ActingProps {
  number: number;
  actor: ActorDraft;
  registry: VariableRegistry;
  errors: FieldErrors;
  terms: Terms;
  onChange: (changed: Partial<ActorDraft>) => void;
  onRemove: (() => void) | undefined;
}

/** One actor: who it is, when it decides, and what it may do. */
function Acting(props: ActingProps) {
  const { number, actor, registry, errors, terms, onChange, onRemove } = props;
  const first = registry.variables[0]?.name ?? '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset around another would be read with both legends
    <div
      role="group"
      aria-label={`Actor ${number}`}
      className="grid min-w-0 gap-4 border-t border-line pt-4"
    >
      <div className="flex min-h-7 items-center justify-between gap-3">
        <h3 className="text-control font-semibold text-t1">Actor {number}</h3>
        {onRemove ? (
          <IconButton label={`Remove actor ${number}`} onClick={onRemove}>
            <X aria-hidden size={16} />
          </IconButton>
        ) : null}
      </div>
      <Who {...{ actor, errors, terms, onChange }} />
      <ActionRows<ReactionDraft>
        legend="What it may do"
        actions={actor.actions}
        variables={registry.variables}
        errors={errors}
        create={(key) => emptyReaction(key, first)}
        onActions={(actions) => onChange({ actions })}
        more={(row) => <Reaction {...row} registry={registry} terms={terms} />}
      />
    </div>
  );
}

type WhoProps = Pick<ActingProps, 'actor' | 'errors' | 'terms' | 'onChange'>;

/** The actor itself, and its rhythm. */
function Who({ actor, errors, terms, onChange }: WhoProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-5">
      <Field label="Called" hint="Such as a regulator, a firm, a party." error={errors.name}>
        <Input
          value={actor.name}
          maxLength={80}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Field>
      <Field label="Takes" hint="Of the actions that are open to it." error={errors.policy}>
        <Select
          value={actor.policy}
          onChange={(event) => onChange({ policy: event.currentTarget.value as Policy })}
        >
          <Options words={policies} />
        </Select>
      </Field>
      <Field label="Budget" optional hint="In the money of the costs." error={errors.budget}>
        <NumberInput
          step="any"
          min={0}
          value={actor.budget}
          onChange={(event) => onChange({ budget: event.currentTarget.value })}
        />
      </Field>
      <Field label={`First decides ${preposition(terms.unit)} ${terms.unit}`} error={errors.first}>
        <NumberInput
          step={1}
          min={1}
          value={actor.first}
          onChange={(event) => onChange({ first: event.currentTarget.value })}
        />
      </Field>
      <Field label="Then every" error={errors.every}>
        <NumberInput
          step={1}
          min={1}
          unit={actor.every.trim() === '1' ? terms.unit : `${terms.unit}s`}
          value={actor.every}
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
