import { Field, Input } from '@/ui/field';

const SHORTEST_PASSWORD = 12;

/** The password of a form, named `password`. */
export function NewPassword({ error }: { error: string | undefined }) {
  return (
    <Field
      label="Password"
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
