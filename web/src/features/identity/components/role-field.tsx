import { Field, Select } from '@/ui/field';
import { MEANINGS, type Role } from '../roles';

interface RoleFieldProps {
  value: Role;
  /** Those that may be given. */
  roles: readonly Role[];
  onChange: (role: Role) => void;
}

/** A role and what it may do. */
export function RoleField({ value, roles, onChange }: RoleFieldProps) {
  const choose = (text: string) => {
    const role = roles.find((known) => known === text);
    if (role) onChange(role);
  };
  return (
    <Field label="Role" hint={MEANINGS[value]}>
      <Select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {roles.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </Select>
    </Field>
  );
}
