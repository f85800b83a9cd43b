import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type {
  CompilationWire,
  EventScriptInput,
  Variable,
  VariableRegistry,
} from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { operationWords, variableTitle } from '@/features/universe';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input, NumberInput, Options, Select } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import {
  type ChangeDraft,
  draftOf,
  firstDrafts,
  operations,
  otherAmounts,
  otherVariables,
  scriptOf,
  several,
} from '../change-drafts';
import { useCompile } from '../queries';
import { ChangeValuesLine } from './change-values';
import { ModelReading } from './model-reading';

interface ChangeOfferProps {
  projectId: string;
  question: string;
  parentId: string | undefined;
  compilation: CompilationWire;
  registry: VariableRegistry;
  unit: string;
  busy: boolean;
  onRun: (scripts: EventScriptInput[]) => void;
}

/** What a question that does not run may have meant: one click fills the fields, one runs them. */
export function ChangeOffer(props: ChangeOfferProps) {
  const { compilation } = props;
  const [drafts, setDrafts] = useState<ChangeDraft[] | null>(null);
  const suggestions = compilation.suggestions ?? [];
  return (
    <section aria-label="What is meant" className="grid max-w-4xl gap-3">
      <p className="text-caption text-t3">
        {suggestions.length > 0 ? 'Do you mean one of these? ' : ''}Nothing runs before you say yes.
      </p>
      <div className="flex flex-wrap gap-1.5">
        {suggestions.map((suggestion) => (
          <Button
            key={suggestion.question}
            size="small"
            className="h-auto whitespace-normal text-left"
            onClick={() => setDrafts(suggestion.event_scripts.map(draftOf))}
          >
            {sentenceCase(suggestion.sentence)}
          </Button>
        ))}
        <Button size="small" variant="quiet" onClick={() => setDrafts(firstDrafts(compilation))}>
          Say it in fields
        </Button>
      </div>
      <ModelReading
        projectId={props.projectId}
        question={props.question}
        parentId={props.parentId}
        onPick={(suggestion) => setDrafts(suggestion.event_scripts.map(draftOf))}
      />
      {drafts && <ChangeEditor {...props} drafts={drafts} onDrafts={setDrafts} />}
    </section>
  );
}

interface ChangeEditorProps extends ChangeOfferProps {
  drafts: ChangeDraft[];
  onDrafts: (drafts: ChangeDraft[]) => void;
}

const pause = 250;

function ChangeEditor(props: ChangeEditorProps) {
  const { drafts, onDrafts, registry, unit, busy, onRun } = props;
  const scripts = drafts.map(scriptOf).filter((script) => script !== null);
  const whole = scripts.length === drafts.length;
  const told = useTold(props, whole ? scripts : null);
  const problem = told.error ? toProblem(told.error) : null;
  const run = useRef<HTMLButtonElement>(null);
  useEffect(() => run.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (told.values && !busy) onRun(scripts);
  };
  const set = (place: number, change: Partial<ChangeDraft>) =>
    onDrafts(drafts.map((draft, at) => (at === place ? { ...draft, ...change } : draft)));
  return (
    <form
      aria-label="The change"
      noValidate
      onSubmit={submit}
      className="grid gap-4 rounded-lg border border-accent bg-s2 p-3"
    >
      {drafts.map((draft, place) => (
        <ChangeFields
          // biome-ignore lint/suspicious/noArrayIndexKey: changes are applied in this order
          key={place}
          place={place}
          draft={draft}
          errorOf={(field) => problem?.field(`event_scripts[${place}].${field}`)}
          onChange={(change) => set(place, change)}
          compilation={props.compilation}
          registry={registry}
          unit={unit}
        >
          {told.values?.[place] && (
            <ChangeValuesLine
              values={told.values[place]}
              variable={variableOf(registry, draft.variable)}
              unit={unit}
            />
          )}
        </ChangeFields>
      ))}
      {problem ? <ErrorState problem={problem} /> : null}
      <div className="flex flex-wrap items-center justify-end gap-3">
        {!whole && <p className="text-caption text-t3">Say what changes and by how much.</p>}
        <Button
          ref={run}
          type="submit"
          variant="primary"
          busy={busy}
          aria-disabled={!told.values || undefined}
        >
          Yes, run this
        </Button>
      </div>
    </form>
  );
}

interface Told {
  /** Of exactly what stands in the fields; null while that is not known. */
  values: CompilationWire['values'] | null;
  error: unknown;
}

/** The server's values of the change as it stands, asked for after a short pause. */
function useTold(
  { projectId, question, parentId }: ChangeOfferProps,
  scripts: EventScriptInput[] | null,
): Told {
  const { mutate, data, error, variables } = useCompile();
  const sent = scripts === null ? '' : JSON.stringify(scripts);
  useEffect(() => {
    if (sent === '') return;
    const timer = setTimeout(
      () =>
        mutate({
          path: { project_id: projectId },
          body: {
            question,
            event_scripts: JSON.parse(sent),
            ...(parentId === undefined ? {} : { parent_node_id: parentId }),
          },
        }),
      pause,
    );
    return () => clearTimeout(timer);
  }, [sent, projectId, question, parentId, mutate]);
  const isCurrent = sent !== '' && JSON.stringify(variables?.body.event_scripts) === sent;
  if (!isCurrent) return { values: null, error: null };
  return { values: error ? null : (data?.values ?? null), error };
}

interface ChangeFieldsProps {
  place: number;
  draft: ChangeDraft;
  errorOf: (field: string) => string | undefined;
  onChange: (change: Partial<ChangeDraft>) => void;
  compilation: CompilationWire;
  registry: VariableRegistry;
  unit: string;
  children: ReactNode;
}

function ChangeFields({ children, ...props }: ChangeFieldsProps) {
  return (
    <fieldset aria-label={`Change ${props.place + 1}`} className="grid min-w-0 gap-3">
      <div className="grid items-start gap-3 sm:grid-cols-2 md:grid-cols-[1.6fr_9rem_1fr]">
        <ChangeWhat {...props} />
        <ChangeHow {...props} />
        <ChangeAmount {...props} />
      </div>
      <ChangeScope {...props} />
      {children}
    </fieldset>
  );
}

type ChangePartProps = Omit<ChangeFieldsProps, 'children'>;

function variableOf({ variables }: VariableRegistry, name: string): Variable | undefined {
  return variables.find((variable) => variable.name === name);
}

/** The variable, and the others the question may have meant. */
function ChangeWhat(props: ChangePartProps) {
  const { place, draft, errorOf, onChange, compilation, registry } = props;
  return (
    <div className="grid gap-1.5">
      <Field label="What" error={errorOf('variable')}>
        <Select
          value={draft.variable}
          onChange={(event) => onChange({ variable: event.currentTarget.value })}
        >
          <option value="">Choose a variable</option>
          {registry.variables.map((one) => (
            <option key={one.name} value={one.name}>
              {variableTitle(one)}
            </option>
          ))}
        </Select>
      </Field>
      <Others>
        {otherVariables(place, draft, compilation).flatMap((name) => {
          const other = variableOf(registry, name);
          if (!other) return [];
          return [
            <OtherButton key={name} onClick={() => onChange({ variable: name })}>
              {variableTitle(other)}
            </OtherButton>,
          ];
        })}
      </Others>
    </div>
  );
}

function ChangeHow({ draft, errorOf, onChange }: ChangePartProps) {
  return (
    <Field label="How" error={errorOf('operation')}>
      <Select
        value={draft.operation}
        onChange={(event) =>
          onChange({ operation: event.currentTarget.value as ChangeDraft['operation'] })
        }
      >
        <Options words={operations} />
      </Select>
    </Field>
  );
}

/** By how much, and the other amounts the question may have meant. */
function ChangeAmount(props: ChangePartProps) {
  const { place, draft, errorOf, onChange, compilation, registry } = props;
  const variable = variableOf(registry, draft.variable);
  const ofUnit = draft.operation === 'multiply' || variable?.unit === '1' ? '' : variable?.unit;
  const amounts = otherAmounts(place, draft, compilation.suggestions ?? []);
  return (
    <div className="grid gap-1.5">
      <Field label="How much" error={errorOf('value')}>
        <NumberInput
          step="any"
          {...(ofUnit ? { unit: ofUnit } : {})}
          value={draft.value}
          onChange={(event) => onChange({ value: event.currentTarget.value })}
        />
      </Field>
      <Others>
        {amounts.map((script) => (
          <OtherButton
            key={`${script.operation} ${script.value}`}
            onClick={() => onChange({ operation: script.operation, value: `${script.value}` })}
          >
            {operationWords(script, variable?.unit ?? '1')}
          </OtherButton>
        ))}
      </Others>
    </div>
  );
}

/** For whom, and from when until when. */
function ChangeScope({ draft, errorOf, onChange, registry, unit }: ChangePartProps) {
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2 md:grid-cols-4">
      <GroupField
        label="Region"
        groups={registry.regions}
        value={draft.region}
        error={errorOf('scope.regions')}
        onChange={(region) => onChange({ region })}
      />
      <GroupField
        label="Segment"
        groups={registry.segments}
        value={draft.segment}
        error={errorOf('scope.segments')}
        onChange={(segment) => onChange({ segment })}
      />
      <Field label={`From ${unit}`} error={errorOf('scope.start_tick')}>
        <Input
          type="number"
          min={0}
          step={1}
          value={draft.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
      </Field>
      <Field label={`Until ${unit}`} error={errorOf('scope.end_tick')}>
        <Input
          type="number"
          min={0}
          step={1}
          placeholder="the end"
          value={draft.until}
          onChange={(event) => onChange({ until: event.currentTarget.value })}
        />
      </Field>
    </div>
  );
}

function Others({ children }: { children: ReactNode[] }) {
  if (children.length === 0) return null;
  return <div className="flex flex-wrap gap-1.5">{children}</div>;
}

function OtherButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <Button size="small" className="h-auto whitespace-normal text-left" onClick={onClick}>
      {children}
    </Button>
  );
}

interface GroupFieldProps {
  label: string;
  groups: VariableRegistry['regions'];
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}

function GroupField({ label, groups, value, error, onChange }: GroupFieldProps) {
  return (
    <Field label={label} error={error}>
      <Select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">Everyone</option>
        {value === several && <option value={several}>Several, as said</option>}
        {groups.map((group) => (
          <option key={group.name} value={group.name}>
            {sentenceCase(group.label)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
