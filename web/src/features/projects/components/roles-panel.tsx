import { useQuery } from '@tanstack/react-query';
import type { RoleColumn, RoleOffer } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { list, share } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Field, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { type Chosen, domainOf } from '../draft';
import { rolesOptions } from '../queries';
import { columnOf, rolesOf } from '../roles';
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
            {Object.keys(rolesOf(found, props.draft.roles)).length === 0 ? (
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
    <Field
      label={sentenceCase(offer.label)}
      hint={column ? readWords(column) : 'No column: drawn by the template’s own assumption.'}
      error={errors[`roles.${offer.name}`]}
    >
      <Select
        value={value}
        onChange={(event) =>
          onChange({
            roles: { ...draft.roles, [offer.name]: event.target.value },
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
  );
}

/** How the column is read, with the shares that it begins with. */
function readWords({ shares, mapping }: RoleColumn): string {
  const states = mapping?.states ?? [];
  if (states.length > 0) {
    return `${list(
      states.map(({ value, label }) => `${label} ${share(shares[value] ?? 0, 0.1)}`),
    )}.`;
  }
  if (mapping?.low === 0 && mapping.high === 1 && Object.keys(shares).length === 0) {
    return 'Amounts, each for one tick.';
  }
  return `Numbers from ${mapping?.low ?? 0} to ${mapping?.high ?? 1}.`;
}
