import { useQuery } from '@tanstack/react-query';
import type { RoleColumn, RoleOffer } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { share } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Field, NumberInput, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { type Chosen, domainOf } from '../draft';
import { rolesOptions } from '../queries';
import {
  type AmountPart,
  amountKey,
  columnOf,
  hasMeanings,
  mappingOf,
  meaningKey,
  meaningOf,
  meaningsOf,
  rolesOf,
  withColumn,
} from '../roles';
import type { StepProps } from './goal-step';

/** Which columns of the people's file the template starts from. */
export function RolesPanel({ chosen, ...props }: StepProps & { chosen: Chosen }) {
  const offers = useQuery(rolesOptions(domainOf(props.draft), props.draft.population));
  if (chosen.template.name === 'consumer_choice') return null;
  return (
    <Panel
      title="From your file"
      caption="What people start with. What no column says is an assumption, and is marked as one."
    >
      <Resource query={offers}>
        {(found) => (
          <div className="grid gap-4">
            {found.map((offer) => (
              <RoleField key={offer.name} offer={offer} {...props} />
            ))}
            {Object.keys(rolesOf(found, props.draft)).length === 0 ? (
              <p className="text-control text-warn">
                <Badge tone="warn">illustrative</Badge> Nothing comes from your file, so every
                result will be called illustrative.
              </p>
            ) : null}
          </div>
        )}
      </Resource>
    </Panel>
  );
}

function RoleField({ offer, draft, errors, onChange }: StepProps & { offer: RoleOffer }) {
  const value = columnOf(offer, draft.roles);
  const column = offer.columns.find(({ name }) => name === value);
  return (
    <div className="grid gap-2">
      <Field
        label={sentenceCase(offer.label)}
        hint={column ? readWords(offer, column) : 'No column: drawn by the template’s assumption.'}
        error={errors[`roles.${offer.name}`]}
      >
        <Select
          value={value}
          onChange={(event) =>
            onChange({
              ...withColumn(draft, offer.name, event.target.value),
              alternative: undefined,
              shares: undefined,
            })
          }
        >
          <option value="">Nothing from the file</option>
          {offer.columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      {column ? <Reading offer={offer} column={column} draft={draft} onChange={onChange} /> : null}
    </div>
  );
}

type ReadingProps = Pick<StepProps, 'draft' | 'onChange'> & {
  offer: RoleOffer;
  column: RoleColumn;
};

/** How the chosen column is read, to be changed where the file does not mean it so. */
function Reading(props: ReadingProps) {
  const { offer, column } = props;
  if (hasMeanings(offer, column)) return <Meanings {...props} />;
  const parts: readonly [AmountPart, string][] =
    offer.kind === 'money'
      ? [['times', 'Multiplied by']]
      : [
          ['low', 'Fully against is'],
          ['high', 'Fully in favour is'],
        ];
  return (
    <div className="grid gap-2 pl-4 sm:grid-cols-2">
      {parts.map(([part, label]) => (
        <Amount key={part} part={part} label={label} {...props} />
      ))}
    </div>
  );
}

function Meanings({ offer, column, draft, onChange }: ReadingProps) {
  return (
    <ul aria-label={`What the values of ${column.name} mean`} className="grid gap-2 pl-4">
      {Object.entries(column.shares).map(([value, part]) => (
        <li key={value} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-center gap-3">
          <span className="text-control text-t2">
            {value} <span className="font-mono text-caption text-t3">{share(part, 0.1)}</span>
          </span>
          <Select
            aria-label={`${value} means`}
            value={meaningOf(offer, column, value, draft)}
            onChange={(event) =>
              onChange({
                meanings: {
                  ...draft.meanings,
                  [meaningKey(offer.name, value)]: event.target.value,
                },
                alternative: undefined,
                shares: undefined,
              })
            }
          >
            <option value="">no answer</option>
            {meaningsOf(offer, column, value).map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </Select>
        </li>
      ))}
    </ul>
  );
}

function Amount({
  offer,
  draft,
  onChange,
  part,
  label,
}: ReadingProps & { part: AmountPart; label: string }) {
  const key = amountKey(offer.name, part);
  return (
    <Field label={label}>
      <NumberInput
        step="any"
        value={mappingOf(offer, draft)?.[part] ?? ''}
        onChange={(event) => {
          const value = event.currentTarget.valueAsNumber;
          if (Number.isFinite(value)) onChange({ amounts: { ...draft.amounts, [key]: value } });
        }}
      />
    </Field>
  );
}

/** How the column is read, in words. */
function readWords(offer: RoleOffer, column: RoleColumn): string {
  if (hasMeanings(offer, column)) {
    return column.mapping
      ? 'What its values mean was read from their words; change what is wrong.'
      : 'Say what its values mean; who gave none of these answers is taken as not having answered.';
  }
  return offer.kind === 'money'
    ? 'An amount of one tick: a year’s is multiplied by 0.25 for a quarter, one in thousands by 1000.'
    : 'A scale; either end may be the larger number.';
}
