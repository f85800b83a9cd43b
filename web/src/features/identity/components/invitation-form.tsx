import { type FormEvent, useState } from 'react';
import type { InvitationCreated } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { useInvite } from '../invitations';
import { type Role, rolesUpTo } from '../roles';
import { RoleField } from './role-field';

interface InvitationFormProps {
  /** Whoever invites gives no role above their own. */
  ownRole: string;
  onCreated: (created: InvitationCreated) => void;
}

/** Whom to invite, and as what. */
export function InvitationForm({ ownRole, onCreated }: InvitationFormProps) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const invite = useInvite();
  const problem = invite.error && toProblem(invite.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const done = (created: InvitationCreated) => {
      setEmail('');
      onCreated(created);
    };
    invite.mutate({ body: { email: email.trim(), role } }, { onSuccess: done });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Email"
          hint="The invitation is mailed there and holds for 7 days."
          error={problem?.field('email')}
        >
          <Input
            type="email"
            autoComplete="off"
            required
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        </Field>
        <RoleField value={role} roles={rolesUpTo(ownRole)} onChange={setRole} />
      </div>
      {problem ? <ErrorState problem={problem} /> : null}
      <Button
        type="submit"
        variant="primary"
        className="justify-self-start"
        busy={invite.isPending}
        disabled={email.trim() === ''}
      >
        Invite
      </Button>
    </form>
  );
}
