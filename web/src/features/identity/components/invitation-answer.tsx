import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import {
  identityAcceptInvitationByTokenMutation,
  identitySignUpByInvitationMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { InvitationOffer } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button, buttonClass } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState, Loading } from '@/ui/states';
import { ensureSignedIn, meOptions } from '../queries';
import { useEnter } from '../use-enter';
import { NewPassword } from './new-password';
import { PasswordForm } from './password-form';

interface InvitationAnswerProps {
  offer: InvitationOffer;
  token: string;
}

type Way = 'signed in' | 'new' | 'known';

/** The ways in: whoever is signed in joins; others make an account or sign in to theirs. */
export function InvitationAnswer({ offer, token }: InvitationAnswerProps) {
  const enter = useEnter(undefined);
  const [chosen, setChosen] = useState<Way | null>(null);
  const signedIn = useQuery({ queryKey: ['signed in'], queryFn: ensureSignedIn, gcTime: 0 });
  if (signedIn.isPending) return <Loading label="Looking whether you are signed in" rows={2} />;
  const way = chosen ?? (signedIn.data ? 'signed in' : 'new');
  if (way === 'signed in') {
    return <Joining offer={offer} token={token} onOther={() => setChosen('known')} />;
  }
  return (
    <>
      {way === 'new' ? (
        <SignUp token={token} />
      ) : (
        <PasswordForm
          email={offer.email}
          submit="Sign in and join"
          invitation={token}
          onSignedIn={enter}
        />
      )}
      <p className="text-control text-t2">
        {way === 'new' ? 'You have an account already? ' : 'No account yet? '}
        <button
          type="button"
          onClick={() => setChosen(way === 'new' ? 'known' : 'new')}
          className="font-medium text-accent underline underline-offset-2"
        >
          {way === 'new' ? 'Sign in' : 'Create one'}
        </button>
      </p>
    </>
  );
}

interface JoiningProps extends InvitationAnswerProps {
  onOther: () => void;
}

function Joining({ offer, token, onOther }: JoiningProps) {
  const me = useQuery(meOptions());
  const enter = useEnter(undefined);
  const accept = useMutation({ ...identityAcceptInvitationByTokenMutation(), onSuccess: enter });
  const isMember = accept.error && toProblem(accept.error).code === 'already_member';
  return (
    <div className="grid gap-4">
      {me.error ? (
        <ErrorState problem={toProblem(me.error)} onRetry={() => void me.refetch()} />
      ) : null}
      {me.data ? (
        <p className="text-body">
          You are signed in as <span className="font-medium break-all">{me.data.email}</span>.
        </p>
      ) : null}
      {isMember ? (
        <p role="alert" className="text-body text-t2">
          You are a member of {offer.organization} already. Find it in the account menu.
        </p>
      ) : null}
      {accept.error && !isMember ? <ErrorState problem={toProblem(accept.error)} /> : null}
      {isMember ? (
        <Link to="/account/organizations" className={buttonClass('primary')}>
          Your organizations
        </Link>
      ) : (
        <Button
          variant="primary"
          busy={accept.isPending || accept.isSuccess}
          onClick={() => accept.mutate({ body: { token } })}
        >
          Join {offer.organization}
        </Button>
      )}
      <Button variant="quiet" onClick={onOther}>
        Use another account
      </Button>
    </div>
  );
}

function SignUp({ token }: { token: string }) {
  const enter = useEnter(undefined);
  const signUp = useMutation({ ...identitySignUpByInvitationMutation(), onSuccess: enter });
  const problem = signUp.error && toProblem(signUp.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const full_name = String(form.get('full_name')).trim();
    signUp.mutate({ body: { token, full_name, password: String(form.get('password')) } });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Your name" optional error={problem?.field('full_name')}>
        <Input name="full_name" autoComplete="name" maxLength={200} />
      </Field>
      <NewPassword error={problem?.field('password')} />
      {problem ? <ErrorState problem={problem} /> : null}
      <Button type="submit" variant="primary" busy={signUp.isPending || signUp.isSuccess}>
        Create the account and join
      </Button>
    </form>
  );
}
