import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { identityOneTimeMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { ErrorState, Loading } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { PasswordForm } from '../components/password-form';
import { takeOneTimeToken } from '../sign-in';
import { useEnter } from '../use-enter';

/** Password, or a link that works once and signs in by itself. */
export function SignInPage({ next }: { next: string | undefined }) {
  const enter = useEnter(next);
  const oneTime = useMutation({ ...identityOneTimeMutation(), onSuccess: enter });
  const { mutate } = oneTime;
  const isTaken = useRef(false);
  useEffect(() => {
    if (isTaken.current) return;
    isTaken.current = true;
    const token = takeOneTimeToken();
    if (token) mutate({ body: { token } });
  }, [mutate]);
  return (
    <AuthCard
      title="Sign in"
      lead="Ask what-if questions about a population and see every answer beside its baseline."
      footer={
        <>
          New here?{' '}
          <Link
            to="/register"
            search={{ next }}
            className="font-medium text-accent underline underline-offset-2"
          >
            Create an organization
          </Link>
          <Link
            to="/forgotten-password"
            className="mt-2 block font-medium text-accent underline underline-offset-2"
          >
            Forgotten your password?
          </Link>
        </>
      }
    >
      {oneTime.error ? <ErrorState problem={toProblem(oneTime.error)} /> : null}
      {oneTime.isPending || oneTime.isSuccess ? (
        <Loading label="Signing you in" rows={3} />
      ) : (
        <PasswordForm onSignedIn={enter} />
      )}
    </AuthCard>
  );
}
