import { useState } from 'react';
import type { PopulationDetail, FileReading as Reading } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, NumberInput, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { ErrorState } from '@/ui/states';
import { useReadAnew } from '../queries';

type Encoding = NonNullable<Reading['encoding']>;

const ENCODINGS: ReadonlyArray<readonly [Encoding, string]> = [
  ['utf-8', 'UTF-8'],
  ['windows-1252', 'Windows-1252 (Latin-1)'],
  ['utf-16', 'UTF-16'],
];

/** Whether there is anything to ask: several sheets, titles above the table, odd letters. */
function isAsked({ reading, sheets }: PopulationDetail): boolean {
  const encoding = reading?.encoding ?? 'utf-8';
  return (sheets?.length ?? 0) > 1 || (reading?.header_line ?? 1) > 1 || encoding !== 'utf-8';
}

/** How the file as a whole was read, and the way to have it read otherwise. */
export function FileReading({ population }: { population: PopulationDetail }) {
  const anew = useReadAnew();
  const reading = population.reading ?? {};
  const change = (other: Partial<Reading>) =>
    anew.mutate({ path: { population_id: population.id }, body: other });
  if (!isAsked(population) && !anew.error) return null;
  return (
    <Panel title="How the file was read" caption={anew.isPending ? 'Reading it anew' : undefined}>
      {anew.error ? <ErrorState problem={toProblem(anew.error)} /> : null}
      <div className="grid gap-3 sm:grid-cols-3">
        {(population.sheets?.length ?? 0) > 1 ? (
          <Field label="Sheet" hint="The one with a row per person.">
            <Select
              value={reading.sheet ?? ''}
              disabled={anew.isPending}
              onChange={(event) => change({ sheet: event.target.value })}
            >
              {population.sheets?.map((sheet) => (
                <option key={sheet}>{sheet}</option>
              ))}
            </Select>
          </Field>
        ) : null}
        {reading.encoding && reading.encoding !== 'utf-8' ? (
          <Letters
            population={population}
            isBusy={anew.isPending}
            onChange={(encoding) => change({ encoding })}
          />
        ) : null}
        {reading.header_line ? (
          <HeaderRow
            key={`${reading.sheet} ${reading.header_line}`}
            line={reading.header_line}
            isBusy={anew.isPending}
            onChange={(header_line) => change({ ...reading, header_line })}
          />
        ) : null}
      </div>
    </Panel>
  );
}

interface LettersProps {
  population: PopulationDetail;
  isBusy: boolean;
  onChange: (encoding: Encoding) => void;
}

/** The letters that tell whether the encoding is right. */
function Letters({ population, isBusy, onChange }: LettersProps) {
  const words = population.odd_words ?? [];
  return (
    <Field label="Letters" hint={words.length > 0 ? `Are these right? ${words.join(', ')}` : null}>
      <Select
        value={population.reading?.encoding ?? 'utf-8'}
        disabled={isBusy}
        onChange={({ target }) =>
          onChange(ENCODINGS.find(([name]) => name === target.value)?.[0] ?? 'utf-8')
        }
      >
        {ENCODINGS.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface HeaderRowProps {
  line: number;
  isBusy: boolean;
  onChange: (line: number) => void;
}

function HeaderRow({ line, isBusy, onChange }: HeaderRowProps) {
  const [draft, setDraft] = useState(String(line));
  const wanted = Number(draft);
  const isOther = Number.isInteger(wanted) && wanted >= 1 && wanted !== line;
  return (
    <div className="flex items-end gap-2">
      <Field
        label="Row with the column names"
        hint={line > 1 ? 'What stands above it is left out.' : null}
      >
        <NumberInput min={1} value={draft} onChange={(event) => setDraft(event.target.value)} />
      </Field>
      {isOther ? (
        <Button size="small" busy={isBusy} onClick={() => onChange(wanted)}>
          Read from there
        </Button>
      ) : null}
    </div>
  );
}
