import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { identityRegisterMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { NewPassword } from '../components/new-password';
import { useEnter } from '../use-enter';

/** A new organization and its first owner. */
export function RegisterPage({ next }: { next: string | undefined }) {
  const enter = useEnter(next);
  const register = useMutation({ ...identityRegisterMutation(), onSuccess: enter });
  const problem = register.error ? toProblem(register.error) : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name)).trim();
    register.mutate({
      body: {
        organization_name: text('organization_name'),
        full_name: text('full_name'),
        email: text('email'),
        password: String(form.get('password')),
      },
    });
  };
  return (
    <AuthCard
      title="Create an organization"
      lead="You become its owner. Nobody outside it can see its people, questions or results."
      footer={
        <>
          Already a member?{' '}
          <Link
            to="/sign-in"
            search={{ next }}
            className="font-medium text-accent underline underline-offset-2"
          >
            Sign in
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Organization" error={problem?.field('organization_name')}>
          <Input name="organization_name" autoComplete="organization" maxLength={120} required />
        </Field>
        <Field label="Your name" optional error={problem?.field('full_name')}>
          <Input name="full_name" autoComplete="name" maxLength={200} />
        </Field>
        <Field label="Email" error={problem?.field('email')}>
          <Input name="email" type="email" autoComplete="username" maxLength={254} required />
        </Field>
        <NewPassword error={problem?.field('password')} />
        {problem ? <ErrorState problem={problem} /> : null}
        <Button type="submit" variant="primary" busy={register.isPending}>
          Create organization
        </Button>
      </form>
    </AuthCard>
  );
}
