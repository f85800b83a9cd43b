import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type {
  ColumnMapping,
  PopulationDetail,
  SuggestionNote,
  SynthesisOptions,
} from '@/api/generated/types.gen';
import { count, counted, list } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Checkbox, Field, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { ErrorState } from '@/ui/states';
import {
  finished,
  isNumeric,
  type LossToAccept,
  lossToAccept,
  type MappingProblem,
  mappingProblems,
  openReadings,
  startingMapping,
  usedColumns,
  withChoiceColumn,
  withoutChoice,
} from '../mapping';
import { useImport } from '../queries';
import { STANDARD_SYNTHESIS, synthesisErrors } from '../synthesis';
import { AlternativesEditor } from './alternatives-editor';
import { CategoriesEditor } from './categories-editor';
import { FamiliesEditor } from './families-editor';
import { GroupEditor } from './group-editor';
import { ReadingsEditor } from './readings-editor';
import { SynthesisFields } from './synthesis-fields';

const SHOWN_COLUMNS = 8;

/** The server's suggestion, corrected where it is wrong, then the import. */
export function MappingForm({ population }: { population: PopulationDetail }) {
  const [first] = useState(() => startingMapping(population));
  const [mapping, setMapping] = useState(first);
  const [synthesis, setSynthesis] = useState<Required<SynthesisOptions>>({
    ...STANDARD_SYNTHESIS,
    ...population.synthesis,
  });
  const [isChecked, setChecked] = useState(false);
  const [isLossAccepted, setLossAccepted] = useState(false);
  const loss = lossToAccept(population);
  const startImport = useImport();
  const problems = mappingProblems(mapping, population.columns);
  const outOfRange = synthesisErrors(synthesis);
  const shown = isChecked ? problems : [];
  const missing = shown.length + (isChecked ? Object.keys(outOfRange).length : 0);
  useLeaveWarning(mapping !== first && !startImport.isSuccess);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (problems.length > 0 || Object.keys(outOfRange).length > 0) return;
    startImport.mutate({
      path: { population_id: population.id },
      body: {
        mapping: finished(mapping),
        synthesis,
        accepted_loss: isLossAccepted && loss ? loss.share : null,
      },
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <Panel title="What the columns mean" caption={caption(population)}>
        <MappingParts
          mapping={mapping}
          population={population}
          shown={shown}
          onChange={setMapping}
        />
      </Panel>
      <SynthesisFields value={synthesis} errors={outOfRange} onChange={setSynthesis} />
      {missing > 0 ? (
        <p role="alert" className="text-control text-bad">
          {missing === 1
            ? 'One thing above still needs you.'
            : `${missing} things above still need you.`}
        </p>
      ) : null}
      {startImport.error ? <ErrorState problem={toProblem(startImport.error)} /> : null}
      <ImportFoot
        loss={loss}
        isLossAccepted={isLossAccepted}
        onLossAccepted={setLossAccepted}
        busy={startImport.isPending}
      />
    </form>
  );
}

interface ImportFootProps {
  loss: LossToAccept | null;
  isLossAccepted: boolean;
  onLossAccepted: (accepted: boolean) => void;
  busy: boolean;
}

/** The import, and before it what has to be accepted for it. */
function ImportFoot({ loss, isLossAccepted, onLossAccepted, busy }: ImportFootProps) {
  return (
    <div className="flex flex-wrap items-center justify-end gap-4">
      {loss ? (
        <Checkbox
          label={`Leave ${counted(loss.rows, 'row', 'rows')} of ${count(loss.ofRows)} out`}
          checked={isLossAccepted}
          onChange={(event) => onLossAccepted(event.target.checked)}
        />
      ) : null}
      <Button type="submit" variant="primary" busy={busy}>
        Import people
      </Button>
    </div>
  );
}

/** Nothing is called suggested where nothing was recognised. */
function caption({ mapping, suggested_mapping }: PopulationDetail): string {
  if (mapping) return 'As it was sent before; change what is wrong.';
  if (suggested_mapping) {
    return 'What was recognised is filled in, with its reason; what was not is left open.';
  }
  return 'Nothing was recognised in this file: say what its columns mean.';
}

/** Why a part is filled in as it is, or that it is for a person to fill in. */
function Reasons({
  population,
  part,
}: {
  population: PopulationDetail;
  part: SuggestionNote['part'];
}) {
  if (population.mapping) return null;
  const notes = (population.suggestion_notes ?? []).filter((note) => note.part === part);
  return notes.map((note) => (
    <p key={note.text} className={`text-control ${note.is_open ? 'text-warn' : 'text-t2'}`}>
      {note.columns && note.columns.length > 0 ? (
        <>
          <code className="font-mono">{list(note.columns.slice(0, SHOWN_COLUMNS))}</code>
          {note.columns.length > SHOWN_COLUMNS
            ? ` and ${note.columns.length - SHOWN_COLUMNS} more`
            : ''}
          {': '}
        </>
      ) : null}
      {note.text}
    </p>
  ));
}

interface PartProps {
  mapping: ColumnMapping;
  population: PopulationDetail;
  onChange: (mapping: ColumnMapping) => void;
}

interface CheckedPartProps extends PartProps {
  /** What is still missing, once somebody tried to import. */
  shown: readonly MappingProblem[];
}

/** The questions about the columns, one part each. */
function MappingParts({ mapping, population, shown, onChange }: CheckedPartProps) {
  const { columns } = population;
  return (
    <div className="grid gap-6">
      <ChoicePart mapping={mapping} population={population} shown={shown} onChange={onChange} />
      {mapping.choice_column ? (
        <Part title="Attributes of every alternative" problems={of(shown, 'families')}>
          <Reasons population={population} part="attributes" />
          <FamiliesEditor mapping={mapping} columns={columns} onChange={onChange} />
          <Reasons population={population} part="availability" />
        </Part>
      ) : null}
      <div className="grid gap-6 sm:grid-cols-2">
        <Part title="Where people live" problems={of(shown, 'region')}>
          <Reasons population={population} part="region" />
          <GroupEditor
            title="Region"
            hint="Neighbours are more often from the same region."
            group={mapping.region ?? null}
            columns={columns}
            onChange={(region) => onChange({ ...mapping, region })}
          />
        </Part>
        <Part title="Who they are" problems={of(shown, 'segment')}>
          <Reasons population={population} part="segment" />
          <GroupEditor
            title="Segment"
            hint="Results are shown for each segment, and neighbours are more often alike."
            group={mapping.segment ?? null}
            columns={columns}
            onChange={(segment) => onChange({ ...mapping, segment })}
          />
        </Part>
      </div>
      <Weight mapping={mapping} population={population} onChange={onChange} />
      <Part title="Kept with each person" problems={[]}>
        <Reasons population={population} part="kept" />
        <Traits mapping={mapping} population={population} onChange={onChange} />
        <CategoriesEditor mapping={mapping} columns={columns} onChange={onChange} />
        <Reasons population={population} part="left_out" />
      </Part>
      {openReadings(mapping, columns).length > 0 ? (
        <Part title="What these numbers mean" problems={of(shown, 'readings')}>
          <ReadingsEditor mapping={mapping} columns={columns} onChange={onChange} />
        </Part>
      ) : null}
    </div>
  );
}

function ChoicePart({ mapping, population, shown, onChange }: CheckedPartProps) {
  const choose = (name: string) => {
    const column = population.columns.find((item) => item.name === name);
    onChange(column ? withChoiceColumn(mapping, column) : withoutChoice(mapping));
  };
  return (
    <Part
      title="What people chose"
      problems={[...of(shown, 'choice'), ...of(shown, 'alternatives')]}
    >
      <Reasons population={population} part="layout" />
      <Reasons population={population} part="choice" />
      <Reasons population={population} part="person" />
      <Field label="Choice column" className="max-w-sm">
        <Select
          value={mapping.choice_column ?? ''}
          className="font-mono"
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">none: the file holds no choice</option>
          {population.columns.map((column) => (
            <option key={column.name}>{column.name}</option>
          ))}
        </Select>
      </Field>
      <AlternativesEditor key={mapping.choice_column} mapping={mapping} onChange={onChange} />
    </Part>
  );
}

function Weight({ mapping, population, onChange }: PartProps) {
  const numeric = population.columns.filter(isNumeric);
  return (
    <Part title="How many people a row stands for" problems={[]}>
      <Reasons population={population} part="weight" />
      <Field
        label="Weight column"
        optional
        hint="Shares, personas and estimates count each row by it."
        className="max-w-sm"
      >
        <Select
          value={mapping.weight_column ?? ''}
          className="font-mono"
          onChange={(event) => onChange({ ...mapping, weight_column: event.target.value || null })}
        >
          <option value="">none: all rows alike</option>
          {numeric.map((column) => (
            <option key={column.name}>{column.name}</option>
          ))}
        </Select>
      </Field>
    </Part>
  );
}

function Traits({ mapping, population, onChange }: PartProps) {
  const used = usedColumns(mapping);
  const free = population.columns.filter((column) => isNumeric(column) && !used.has(column.name));
  const traits = mapping.traits ?? [];
  if (free.length === 0) return null;
  const toggle = (name: string, keep: boolean) =>
    onChange({
      ...mapping,
      traits: keep ? [...traits, name] : traits.filter((trait) => trait !== name),
    });
  return (
    <div className="flex flex-wrap gap-x-5 gap-y-1">
      {free.map((column) => (
        <Checkbox
          key={column.name}
          label={<code className="font-mono">{column.name}</code>}
          checked={traits.includes(column.name)}
          onChange={(event) => toggle(column.name, event.target.checked)}
        />
      ))}
    </div>
  );
}

function Part({
  title,
  problems,
  children,
}: {
  title: string;
  problems: readonly MappingProblem[];
  children: ReactNode;
}) {
  return (
    <div className="grid min-w-0 content-start gap-3">
      <h3 className="text-body font-semibold">{title}</h3>
      {children}
      {problems.map((problem) => (
        <p key={problem.message} className="text-control text-bad">
          {problem.message}
        </p>
      ))}
    </div>
  );
}

function of(problems: readonly MappingProblem[], part: MappingProblem['part']): MappingProblem[] {
  return problems.filter((problem) => problem.part === part);
}

/** The file is on the server, edits of its mapping are not yet: say so before they are lost. */
function useLeaveWarning(isEdited: boolean) {
  useEffect(() => {
    if (!isEdited) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isEdited]);
}
