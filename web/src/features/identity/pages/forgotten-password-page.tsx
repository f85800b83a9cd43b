import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { identityAskToResetPasswordMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { AuthCard } from '../components/auth-card';

/** Asks for the mail; what is said tells nobody whether the address has an account. */
export function ForgottenPasswordPage() {
  const ask = useMutation(identityAskToResetPasswordMutation());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    ask.mutate({ body: { email: String(new FormData(event.currentTarget).get('email')) } });
  };
  return (
    <AuthCard
      title="Choose a new password"
      lead="We mail you a link that lets you choose one. It works for an hour."
      footer={
        <Link to="/sign-in" className="font-medium text-accent underline underline-offset-2">
          Back to signing in
        </Link>
      }
    >
      {ask.isSuccess ? (
        <p role="status" className="text-body">
          If the address has an account, the mail is on its way.
        </p>
      ) : (
        <form onSubmit={submit} className="grid gap-4">
          <Field label="Email">
            <Input name="email" type="email" autoComplete="username" maxLength={254} required />
          </Field>
          {ask.error ? <ErrorState problem={toProblem(ask.error)} /> : null}
          <Button type="submit" variant="primary" busy={ask.isPending}>
            Mail me a link
          </Button>
        </form>
      )}
    </AuthCard>
  );
}
