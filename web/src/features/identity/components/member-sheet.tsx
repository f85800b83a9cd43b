import { CircleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Me, Member } from '@/api/generated/types.gen';
import { dateTime } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Sheet } from '@/ui/dialog';
import { Facts } from '@/ui/panel';
import { announce } from '@/ui/toast';
import { nameOf, refusalOf, useRemoveMember, useUpdateMember } from '../members';
import { rolesUpTo } from '../roles';
import { RoleField } from './role-field';

interface MemberSheetProps {
  member: Member;
  me: Me;
  onClose: () => void;
}

/** One member, and what may be changed about them, each with what follows from it. */
export function MemberSheet({ member, me, onClose }: MemberSheetProps) {
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()} title={nameOf(member)}>
      <div className="grid gap-6">
        <Facts
          items={[
            ['Email', member.email],
            ['Status', member.status],
            ['Joined', dateTime(member.joined_at)],
          ]}
        />
        <RoleForm key={member.role} member={member} me={me} />
        <Suspension member={member} />
        <Removal member={member} isSelf={member.user_id === me.user_id} onRemoved={onClose} />
      </div>
    </Sheet>
  );
}

function RoleForm({ member, me }: { member: Member; me: Me }) {
  const [role, setRole] = useState(member.role);
  const update = useUpdateMember();
  const path = { user_id: member.user_id };
  const save = () =>
    update.mutate(
      { path, body: { role } },
      { onSuccess: () => announce(`${nameOf(member)} is ${role} now.`) },
    );
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <RoleField value={role} roles={rolesUpTo(me.role)} onChange={setRole} />
      <p className="text-control text-t2">
        A role holds from the next request on. Work that it no longer allows ends within seconds.
      </p>
      <Refusal error={update.error} member={member} />
      <Button
        type="submit"
        variant="primary"
        className="justify-self-start"
        busy={update.isPending}
        disabled={role === member.role}
      >
        Save the role
      </Button>
    </form>
  );
}

function Suspension({ member }: { member: Member }) {
  const update = useUpdateMember();
  const name = nameOf(member);
  const isSuspended = member.status === 'suspended';
  const change = () =>
    update.mutate(
      { path: { user_id: member.user_id }, body: { status: isSuspended ? 'active' : 'suspended' } },
      { onSuccess: () => announce(`${name} is ${isSuspended ? 'active' : 'suspended'} now.`) },
    );
  return (
    <Act
      title={isSuspended ? 'Resume' : 'Suspend'}
      consequences={
        isSuspended
          ? `${name} can sign in and work here again, with the same role and API keys.`
          : `${name} can do nothing here until resumed, API keys and running work included. The role and everything ${name} made stay.`
      }
    >
      <Refusal error={update.error} member={member} />
      <Button
        className="justify-self-start"
        variant={isSuspended ? 'secondary' : 'danger'}
        busy={update.isPending}
        onClick={change}
      >
        {isSuspended ? `Resume ${name}` : `Suspend ${name}`}
      </Button>
    </Act>
  );
}

interface RemovalProps {
  member: Member;
  isSelf: boolean;
  onRemoved: () => void;
}

/** It cannot be undone, so it is confirmed at its place. */
function Removal({ member, isSelf, onRemoved }: RemovalProps) {
  const [isAsked, setAsked] = useState(false);
  const remove = useRemoveMember({ isSelf });
  const name = nameOf(member);
  const act = () =>
    remove.mutate(
      { path: { user_id: member.user_id } },
      {
        onSuccess: () => {
          announce(`${name} is no longer a member.`);
          onRemoved();
        },
        onSettled: () => setAsked(false),
      },
    );
  return (
    <Act
      title={isSelf ? 'Leave' : 'Remove'}
      consequences={`Ends the sign-ins, API keys and running work of ${name} here, for good: coming back takes a new invitation. What ${name} made stays.`}
    >
      <Refusal error={remove.error} member={member} />
      {isAsked ? (
        <span className="flex flex-wrap gap-2">
          <Button variant="danger" busy={remove.isPending} onClick={act}>
            {isSelf ? 'Leave for good' : 'Remove for good'}
          </Button>
          <Button variant="quiet" onClick={() => setAsked(false)}>
            {isSelf ? 'Stay' : `Keep ${name}`}
          </Button>
        </span>
      ) : (
        <Button className="justify-self-start" variant="danger" onClick={() => setAsked(true)}>
          {isSelf ? 'Leave the organization' : `Remove ${name}`}
        </Button>
      )}
    </Act>
  );
}

interface ActProps {
  title: string;
  consequences: string;
  children: ReactNode;
}

function Act({ title, consequences, children }: ActProps) {
  return (
    <section className="grid gap-2 border-t border-line pt-4">
      <h3 className="text-body font-semibold">{title}</h3>
      <p className="text-control text-t2">{consequences}</p>
      {children}
    </section>
  );
}

function Refusal({ error, member }: { error: unknown; member: Member }) {
  if (!error) return null;
  return (
    <p role="alert" className="flex items-start gap-2 text-control text-bad">
      <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
      {refusalOf(toProblem(error), member)}
    </p>
  );
}
