import { Field, Input } from '@/ui/field';

interface CodeFieldProps {
  autoFocus?: boolean;
  /** Off while there are no recovery codes yet. */
  orRecovery?: boolean;
}

/** A code of the authenticator app, or a recovery code; named `code` in its form. */
export function CodeField({ autoFocus = false, orRecovery = true }: CodeFieldProps) {
  return (
    <Field
      label="Code"
      hint={`The six digits that your app shows now${orRecovery ? ', or one of your recovery codes' : ''}.`}
    >
      <Input
        name="code"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={40}
        required
        autoFocus={autoFocus}
      />
    </Field>
  );
}
