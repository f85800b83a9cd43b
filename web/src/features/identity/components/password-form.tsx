import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { identityLoginMutation } from '@/api/generated/@tanstack/react-query.gen';
import type { TokenResponse } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { CodeField } from './code-field';

interface PasswordFormProps {
  /** Filled in already, where it is known. */
  email?: string;
  submit?: string;
  /** Join by its token and be signed in there: also who belongs to no organization can. */
  invitation?: string;
  onSignedIn: (answer: TokenResponse) => Promise<void>;
}

export function PasswordForm({
  email,
  submit: act = 'Sign in',
  invitation,
  onSignedIn,
}: PasswordFormProps) {
  const login = useMutation({ ...identityLoginMutation(), onSuccess: onSignedIn });
  const problem = login.error && toProblem(login.error);
  const [isCodeAsked, setCodeAsked] = useState(false);
  if (problem?.code === 'second_factor_needed' && !isCodeAsked) setCodeAsked(true);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    login.mutate({
      body: {
        email: String(form.get('email')),
        password: String(form.get('password')),
        second_factor: form.get('code')?.toString(),
        invitation,
      },
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {/* They stay in the form: the code goes with them. */}
      <div className={isCodeAsked ? 'hidden' : 'grid gap-4'}>
        <Field label="Email">
          <Input name="email" type="email" autoComplete="username" defaultValue={email} required />
        </Field>
        <Field label="Password">
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
      </div>
      {isCodeAsked ? <CodeField autoFocus /> : null}
      {problem && problem.code !== 'second_factor_needed' ? <ErrorState problem={problem} /> : null}
      <Button type="submit" variant="primary" busy={login.isPending}>
        {act}
      </Button>
      {isCodeAsked ? (
        <Button
          variant="quiet"
          onClick={() => {
            login.reset();
            setCodeAsked(false);
          }}
        >
          Use another account
        </Button>
      ) : null}
    </form>
  );
}
