import { Field, Input } from '@/ui/field';

const SHORTEST_PASSWORD = 12;

interface NewPasswordProps {
  label?: string;
  error: string | undefined;
}

/** The password of a form, named `password`. */
export function NewPassword({ label = 'Password', error }: NewPasswordProps) {
  return (
    <Field
      label={label}
      hint={`At least ${SHORTEST_PASSWORD} characters. A sentence works well.`}
      error={error}
    >
      <Input
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        maxLength={200}
        required
      />
    </Field>
  );
}
