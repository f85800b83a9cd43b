import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef } from 'react';
import {
  identityLoginMutation,
  identityOneTimeMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { TokenResponse } from '@/api/generated/types.gen';
import { acceptToken } from '@/api/session';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState, Loading } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { localTarget, takeOneTimeToken } from '../sign-in';

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

function PasswordForm({ onSignedIn }: { onSignedIn: (answer: TokenResponse) => Promise<void> }) {
  const login = useMutation({ ...identityLoginMutation(), onSuccess: onSignedIn });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    login.mutate({
      body: { email: String(form.get('email')), password: String(form.get('password')) },
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Email">
        <Input name="email" type="email" autoComplete="username" required />
      </Field>
      <Field label="Password">
        <Input name="password" type="password" autoComplete="current-password" required />
      </Field>
      {login.error ? <ErrorState problem={toProblem(login.error)} /> : null}
      <Button type="submit" variant="primary" busy={login.isPending}>
        Sign in
      </Button>
    </form>
  );
}

/** Keeps the new token, forgets what an earlier sign-in had loaded, and goes on. */
export function useEnter(next: string | undefined) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  return async (answer: TokenResponse) => {
    queryClient.clear();
    acceptToken(answer);
    const target = localTarget(next);
    if (target) router.history.push(target);
    else await navigate({ to: '/projects' });
  };
}
