import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import type { NodeDetail, Variable } from '@/api/generated/types.gen';
import { sentenceCase, sourceWords } from '@/features/runs';
import { cx } from '@/lib/cx';
import { counted, setting } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Sheet } from '@/ui/dialog';
import { Field, Input, NumberInput } from '@/ui/field';
import { Resource } from '@/ui/resource';
import { ErrorState, Loading } from '@/ui/states';
import { nodeOptions, useTune } from '../queries';
import { useTunePreview } from '../tune-preview';
import {
  chainOf,
  changedTo,
  type Entries,
  entryError,
  sliderPosition,
  sliderSteps,
  sliderValue,
  type Tunable,
  tunables,
  tuneRequest,
} from '../tuning';
import { variableTitle } from '../wording';

interface TuneSheetProps {
  projectId: string;
  nodeId: string;
  variables: readonly Variable[];
  onClose: () => void;
  /** The new world version, already running. */
  onTuned: (nodeId: string) => void;
}

/** A copy of a world version with other values: only what is changed here is changed there. */
export function TuneSheet({ nodeId, onClose, ...rest }: TuneSheetProps) {
  const node = useQuery(nodeOptions(nodeId));
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()} title="Tune and run a copy">
      <Resource query={node} loading={<Loading rows={8} />}>
        {(found) => <TuneForm node={found} {...rest} />}
      </Resource>
    </Sheet>
  );
}

interface TuneFormProps extends Omit<TuneSheetProps, 'nodeId' | 'onClose'> {
  node: NodeDetail;
}

function TuneForm({ projectId, node, variables, onTuned }: TuneFormProps) {
  const all = useMemo(() => tunables(variables, chainOf(node)), [variables, node]);
  const [entries, setEntries] = useState<Entries>({});
  const [label, setLabel] = useState('');
  const [wanted, setWanted] = useState('');
  const { tune, ...tuning } = useTune(projectId, node.id);
  const problem = tuning.error ? toProblem(tuning.error) : null;
  const change = (name: string, text: string | undefined) => {
    tuning.reset();
    setEntries(({ [name]: _, ...others }) =>
      text === undefined ? others : { ...others, [name]: text },
    );
  };
  const errorOf = (tunable: Tunable) =>
    entryError(tunable, entries) ??
    problem?.field(`values.${tunable.variable.name}`) ??
    (previewed[tunable.variable.name]?.problem || undefined);
  const changed = all.filter((tunable) => changedTo(tunable, entries) !== null);
  const previewed = useTunePreview(node.id, all, entries);
  const isShown = (tunable: Tunable) => matches(tunable, wanted) || changed.includes(tunable);
  const isFound = all.some((tunable) => matches(tunable, wanted));
  const wrong = changed.find((tunable) => errorOf(tunable) !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed.length === 0) return;
    if (wrong) return document.getElementById(fieldId(wrong.variable))?.focus();
    tune(tuneRequest(all, entries, label), (made) => onTuned(made.id));
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-5">
      <p className="text-control text-t2">
        Starts from <span className="text-t1">{node.label}</span>, which stays as it is. Changed
        values hold from the start of the run, for everyone.
      </p>
      {all.length > mostUnsought ? (
        <VariableSearch wanted={wanted} missed={isFound ? null : all.length} onWanted={setWanted} />
      ) : null}
      <ul aria-label="Variables" className="grid gap-3">
        {all.map((tunable) => (
          <TuneRow
            key={tunable.variable.name}
            tunable={tunable}
            entries={entries}
            error={errorOf(tunable)}
            warning={previewed[tunable.variable.name]?.warning}
            hidden={!isShown(tunable)}
            onEntry={(text) => change(tunable.variable.name, text)}
            onReset={() => change(tunable.variable.name, undefined)}
          />
        ))}
      </ul>
      <Field label="Name of the copy" optional hint="Without one, it is called by its changes.">
        <Input
          value={label}
          maxLength={200}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
      </Field>
      {problem ? <ErrorState problem={problem} /> : null}
      <TuneFoot changes={changed.length} busy={tuning.isPending} />
    </form>
  );
}

interface VariableSearchProps {
  wanted: string;
  /** Of how many none is called like that; null: some are. */
  missed: number | null;
  onWanted: (wanted: string) => void;
}

function VariableSearch({ wanted, missed, onWanted }: VariableSearchProps) {
  return (
    <Field
      label="Find a variable"
      hint={missed === null ? undefined : `None of ${missed} is called like “${wanted.trim()}”.`}
    >
      <Input
        type="search"
        value={wanted}
        onChange={(event) => onWanted(event.currentTarget.value)}
      />
    </Field>
  );
}

/** How many values are changed, and the button that runs them; always in sight. */
function TuneFoot({ changes, busy }: { changes: number; busy: boolean }) {
  return (
    <div className="sticky -bottom-4 -mx-4 -mb-4 flex flex-wrap items-center justify-between gap-3 border-t border-line bg-s1 px-4 py-3">
      <p id="tune-changes" role="status" className="text-control text-t2">
        {changes === 0
          ? 'Nothing is changed yet.'
          : `${counted(changes, 'value', 'values')} changed`}
      </p>
      <Button
        type="submit"
        variant="primary"
        busy={busy}
        aria-disabled={changes === 0 || undefined}
        aria-describedby="tune-changes"
      >
        Tune and run
      </Button>
    </div>
  );
}

/** Beyond this many, a list is searched rather than read. */
const mostUnsought = 8;

function matches({ variable }: Tunable, wanted: string): boolean {
  const text = `${variableTitle(variable)} ${variable.label} ${variable.synonyms.join(' ')}`;
  return text.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase());
}

const fieldId = ({ name }: Variable) => `tune-${name}`;

interface TuneRowProps {
  tunable: Tunable;
  entries: Entries;
  error: string | undefined;
  /** What speaks against the value although it runs. */
  warning: string | undefined;
  hidden: boolean;
  onEntry: (text: string) => void;
  onReset: () => void;
}

function TuneRow(props: TuneRowProps) {
  const { tunable, entries, error, warning, hidden, onEntry, onReset } = props;
  const { variable, kind, unit, start, earlier } = tunable;
  const title = variableTitle(variable);
  const changed = changedTo(tunable, entries);
  const value = changed ?? start;
  const written = kind === 'percent' ? `${setting(value)} %` : setting(value, unit);
  const id = fieldId(variable);
  return (
    <li
      hidden={hidden}
      className={cx(
        'gap-1.5 rounded-md border px-3 py-2.5',
        hidden ? 'hidden' : 'grid',
        changed === null ? 'border-line' : 'border-accent',
      )}
    >
      <div className="flex items-baseline justify-between gap-x-3">
        <span className="min-w-0 text-control">
          <label htmlFor={id} className="font-medium text-t1">
            {title}
          </label>{' '}
          <span className="text-t3">{unitWords(tunable)}</span>
        </span>
        {variable.assumption ? <Badge tone="warn">assumption</Badge> : <Badge>sourced</Badge>}
      </div>
      {sentenceCase(variable.label) === title ? null : (
        <p className="text-caption text-t2">{sentenceCase(variable.label)}</p>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)_7rem] items-center gap-3">
        <input
          type="range"
          aria-label={`${title}, slider`}
          aria-valuetext={written}
          min={0}
          max={sliderSteps}
          step={1}
          value={sliderPosition(tunable, Number.isNaN(value) ? start : value)}
          onChange={(event) =>
            onEntry(`${sliderValue(tunable, Number(event.currentTarget.value))}`)
          }
          className="h-7 w-full cursor-ew-resize accent-accent"
        />
        <NumberInput
          id={id}
          step="any"
          value={entries[variable.name] ?? `${Number(start.toPrecision(6))}`}
          aria-describedby={cx(`${id}-facts`, error && `${id}-error`)}
          {...(error ? { 'aria-invalid': true } : {})}
          onChange={(event) => onEntry(event.currentTarget.value)}
        />
      </div>
      <Doubts id={id} error={error} warning={warning} />
      <p id={`${id}-facts`} className="flex flex-wrap gap-x-3 text-caption text-t3">
        <span className="font-mono">{rangeWords(tunable)}</span>
        <span>{sourceWords(variable.source)}</span>
      </p>
      {earlier.map((sentence) => (
        <p key={sentence} className="text-caption text-t3">
          Already: {sentence}
        </p>
      ))}
      {changed === null ? null : (
        <button
          type="button"
          className="min-h-6 justify-self-start text-caption text-accent underline underline-offset-2"
          onClick={onReset}
        >
          Back to {kind === 'percent' ? 'no change' : setting(start, unit)}
        </button>
      )}
    </li>
  );
}

interface DoubtsProps {
  id: string;
  error: string | undefined;
  warning: string | undefined;
}

/** Why a value cannot be run, or what speaks against it although it can. */
function Doubts({ id, error, warning }: DoubtsProps) {
  if (error !== undefined) {
    return (
      <p id={`${id}-error`} className="text-control text-bad">
        {error}
      </p>
    );
  }
  return warning ? (
    <p role="status" className="text-control text-warn">
      {warning}
    </p>
  ) : null;
}

/** What the number of a row is in; a change is told from a value. */
function unitWords({ kind, unit }: Tunable): string {
  if (kind === 'percent') return 'change in %';
  return unit === '1' ? '' : unit;
}

/** "0 to 0.8 per year, default 0.38": what differs by persona tells its mean instead. */
function rangeWords({ variable, kind }: Tunable): string {
  const { minimum, maximum, unit, mean } = variable;
  const range = `${setting(minimum)} to ${setting(maximum, unit)}`;
  if (kind === 'percent') return `mean ${setting(mean, unit)}, ${range}`;
  return `${range}, default ${setting(variable.default)}`;
}
