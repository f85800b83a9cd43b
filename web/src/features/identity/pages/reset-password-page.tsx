import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { identityResetPasswordMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { NewPassword } from '../components/new-password';
import { useMailedToken } from '../mailed-token';

function UselessLink() {
  return (
    <AuthCard
      title="This link is of no use any more"
      lead="It works once, within an hour of its mail. Your password is as it was."
    >
      <Link to="/forgotten-password" className={buttonClass('primary')}>
        Ask for another mail
      </Link>
    </AuthCard>
  );
}

/** Where the mailed link leads: a new password, then sign in with it. */
export function ResetPasswordPage() {
  const token = useMailedToken();
  const reset = useMutation(identityResetPasswordMutation());
  const problem = reset.error && toProblem(reset.error);
  if (token === '' || problem?.code === 'mailed_token_refused') return <UselessLink />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const new_password = String(new FormData(event.currentTarget).get('password'));
    reset.mutate({ body: { token: token ?? '', new_password } });
  };
  return (
    <AuthCard
      title="Choose a new password"
      lead="It ends every sign-in of yours, on all devices."
      footer={
        reset.isSuccess ? null : (
          <Link
            to="/forgotten-password"
            className="font-medium text-accent underline underline-offset-2"
          >
            Ask for another mail
          </Link>
        )
      }
    >
      {reset.isSuccess ? (
        <>
          <p role="status" className="text-body">
            Your new password is in force.
          </p>
          <Link to="/sign-in" className={buttonClass('primary')}>
            Sign in
          </Link>
        </>
      ) : (
        <form onSubmit={submit} className="grid gap-4">
          <NewPassword error={problem?.field('new_password')} />
          {problem ? <ErrorState problem={problem} /> : null}
          <Button type="submit" variant="primary" busy={reset.isPending}>
            Save the password
          </Button>
        </form>
      )}
    </AuthCard>
  );
}
