import type { Invitation, InvitationCreated } from '@/api/generated/types.gen';
import { dateTime, utc } from '@/lib/format';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { announce } from '@/ui/toast';
import { hasExpired, useInvite, useRevokeInvitation } from '../invitations';
import { rolesUpTo } from '../roles';

interface InvitationsTableProps {
  invitations: readonly Invitation[];
  /** Null for somebody who may not invite. */
  ownRole: string | null;
  onCreated: (created: InvitationCreated) => void;
}

/** Who is invited and has not answered, with what can be done about it. */
export function InvitationsTable({ invitations, ownRole, onCreated }: InvitationsTableProps) {
  const columns: Column<Invitation>[] = [
    {
      key: 'email',
      header: 'Invited',
      className: 'min-w-40',
      cell: ({ email, role }) => (
        <>
          <span className="block break-all text-t1">{email}</span>
          <span className="block text-caption text-t3">as {role}</span>
        </>
      ),
    },
    {
      key: 'ends',
      header: 'Ends',
      cell: (invitation) =>
        hasExpired(invitation) ? (
          'expired'
        ) : (
          <time
            dateTime={invitation.expires_at}
            title={utc(invitation.expires_at)}
            className="sm:whitespace-nowrap"
          >
            {dateTime(invitation.expires_at)}
          </time>
        ),
    },
    {
      key: 'actions',
      header: <span className="sr-only">Actions</span>,
      cell: (invitation) =>
        ownRole === null ? null : (
          <Actions invitation={invitation} ownRole={ownRole} onCreated={onCreated} />
        ),
    },
  ];
  return (
    <DataTable
      caption="Who is invited, newest first"
      columns={columns}
      rows={invitations}
      rowKey={(invitation) => invitation.id}
    />
  );
}

interface ActionsProps {
  invitation: Invitation;
  ownRole: string;
  onCreated: (created: InvitationCreated) => void;
}

/** Revoking needs no second question: the same address can be invited again. */
function Actions({ invitation: { id, email, role }, ownRole, onCreated }: ActionsProps) {
  const invite = useInvite();
  const revoke = useRevokeInvitation();
  return (
    <span className="flex flex-wrap justify-end gap-1">
      {rolesUpTo(ownRole).includes(role) ? (
        <Button
          size="small"
          aria-label={`Send again to ${email}`}
          busy={invite.isPending}
          onClick={() =>
            invite.mutate({ body: { email, role } }, { onSuccess: onCreated, onError: complain })
          }
        >
          Send again
        </Button>
      ) : null}
      <Button
        size="small"
        aria-label={`Revoke the invitation of ${email}`}
        busy={revoke.isPending}
        onClick={() =>
          revoke.mutate(
            { path: { invitation_id: id } },
            {
              onSuccess: () => announce(`The invitation of ${email} is revoked.`),
              onError: complain,
            },
          )
        }
      >
        Revoke
      </Button>
    </span>
  );
}
