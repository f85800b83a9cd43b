import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { identityChangePasswordMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { toast } from '@/ui/toast';
import { NewPassword } from './new-password';

/** Another password for somebody who knows the present one. */
export function PasswordChange({ onChanged }: { onChanged: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const change = useMutation(identityChangePasswordMutation());
  const problem = change.error && toProblem(change.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const read = new FormData(event.currentTarget);
    const body = {
      current_password: String(read.get('current')),
      new_password: String(read.get('password')),
    };
    const done = () => {
      form.current?.reset();
      toast('The new password is in force. Your other sign-ins have ended.');
      onChanged();
    };
    change.mutate({ body }, { onSuccess: done });
  };
  return (
    <form ref={form} onSubmit={submit} className="grid max-w-sm gap-4">
      <Field label="Present password">
        <Input name="current" type="password" autoComplete="current-password" required />
      </Field>
      <NewPassword label="New password" error={problem?.field('new_password')} />
      {problem ? <ErrorState problem={problem} /> : null}
      <Button type="submit" className="justify-self-start" busy={change.isPending}>
        Change the password
      </Button>
    </form>
  );
}
