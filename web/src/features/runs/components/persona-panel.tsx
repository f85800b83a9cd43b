import { useQuery } from '@tanstack/react-query';
import type { PersonaHistory, Run, Telemetry } from '@/api/generated/types.gen';
import { count, counted, moment } from '@/lib/format';
import { Field, NumberInput } from '@/ui/field';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { Loading } from '@/ui/states';
import { personaOptions } from '../queries';
import type { ReplayNames } from '../replay/names';
import { sentenceCase } from '../wording';

interface PersonaPanelProps {
  run: Run;
  names: ReplayNames;
  events: Telemetry['events'];
  /** Its row; null: nobody was pointed at. */
  persona: number | null;
  onPersona: (persona: number | null) => void;
}

/** Who a pixel is and what happened to it; its number can be typed, too. */
export function PersonaPanel({ run, names, events, persona, onPersona }: PersonaPanelProps) {
  const type = (text: string) => {
    const value = Number(text);
    const exists = text !== '' && Number.isInteger(value) && value >= 0 && value < run.personas;
    onPersona(exists ? value : null);
  };
  return (
    <div className="grid gap-3">
      <Field label="Persona" hint={`A number from 0 to ${count(run.personas - 1)}, or a click.`}>
        <NumberInput
          min={0}
          max={run.personas - 1}
          step={1}
          className="max-w-40"
          value={persona ?? ''}
          onChange={(event) => type(event.currentTarget.value)}
        />
      </Field>
      {persona !== null && <History {...{ run, names, events, persona }} />}
    </div>
  );
}

interface HistoryProps extends Omit<PersonaPanelProps, 'persona' | 'onPersona'> {
  persona: number;
}

function History({ run, names, events, persona }: HistoryProps) {
  const query = useQuery(personaOptions(run.id, persona));
  return (
    <Resource query={query} loading={<Loading rows={4} />}>
      {(history) => (
        <Panel title={`Persona ${count(history.persona)}`} caption={whoWords(history, names)}>
          <div className="grid gap-3">
            <p className="text-body" role="status">
              {happenedWords(history, names)}
            </p>
            <p className="text-control text-t2">{reachedWords(history, events)}</p>
            <Facts items={history.facts.map((fact) => [sentenceCase(fact.name), factText(fact)])} />
          </div>
        </Panel>
      )}
    </Resource>
  );
}

const factText = ({ value, from_file: fromFile }: PersonaHistory['facts'][number]) =>
  fromFile ? value : `${value} (assumed)`;

function whoWords(history: PersonaHistory, { label }: ReplayNames): string {
  const { segment, region, neighbours, line } = history;
  return `${sentenceCase(label(segment))}, ${label(region)}; ${counted(neighbours, 'neighbour', 'neighbours')}; made of line ${count(line)} of the file`;
}

/** "Starts with “gas”; “heat pump” from month 7." */
export function happenedWords(
  { choices }: Pick<PersonaHistory, 'choices'>,
  { label, terms }: Pick<ReplayNames, 'label' | 'terms'>,
): string {
  const [first, ...later] = choices;
  if (!first) return '';
  const start = `Starts with “${label(first.alternative)}”`;
  if (later.length === 0) return `${start} and keeps it.`;
  const moves = later.map(
    ({ alternative, tick }) => `“${label(alternative)}” from ${moment(tick, terms.unit)}`,
  );
  return `${start}; ${moves.join(', ')}.`;
}

/** Which of the run's changes were for it. */
export function reachedWords(
  { reached_by: reached }: Pick<PersonaHistory, 'reached_by'>,
  events: Telemetry['events'],
): string {
  if (events.length === 0) return 'Nothing is changed in this run.';
  const labels = reached.flatMap((place) => {
    const event = events[place];
    return event ? [`“${event.label || event.variable}”`] : [];
  });
  return labels.length === 0
    ? 'None of the changes is for this persona.'
    : `Reached by ${labels.join(', ')}.`;
}
