import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { InvitationCreated } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { ErrorState, Loading } from '@/ui/states';
import { InvitationForm } from '../components/invitation-form';
import { InvitationLink } from '../components/invitation-link';
import { InvitationsTable } from '../components/invitations-table';
import { MemberSheet } from '../components/member-sheet';
import { MembersTable } from '../components/members-table';
import { useInvitations } from '../invitations';
import { useMembers } from '../members';
import { meOptions } from '../queries';

/** Who is in the organization, as what, and who is invited. */
export function MembersPage() {
  const me = useQuery(meOptions()).data;
  const list = useMembers();
  const [created, setCreated] = useState<InvitationCreated | null>(null);
  const mayInvite = me?.permissions.includes('members:write') ?? false;
  return (
    <Page
      title="Members"
      lead="Who works in this organization, what they may do, and who is invited."
    >
      {created ? (
        <InvitationLink key={created.id} created={created} onDone={() => setCreated(null)} />
      ) : null}
      {list.error ? (
        <ErrorState problem={toProblem(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <MembersPanel list={list} />
      )}
      {list.data ? (
        <OpenInvitations ownRole={mayInvite && me ? me.role : null} onCreated={setCreated} />
      ) : null}
      {mayInvite && me ? (
        <Panel title="Invite somebody">
          <InvitationForm ownRole={me.role} onCreated={setCreated} />
        </Panel>
      ) : null}
    </Page>
  );
}

function MembersPanel({ list }: { list: ReturnType<typeof useMembers> }) {
  const me = useQuery(meOptions()).data;
  const [openId, setOpenId] = useState<string | null>(null);
  const members = list.data?.pages.flatMap((page) => page.items) ?? [];
  const open = members.find((member) => member.user_id === openId);
  return (
    <>
      <Panel flush>
        {list.isPending ? <Loading label="Loading members" /> : null}
        {members.length > 0 ? (
          <MembersTable members={members} me={me} onOpen={(member) => setOpenId(member.user_id)} />
        ) : null}
      </Panel>
      <MoreButton list={list} />
      {open && me ? (
        <MemberSheet key={open.user_id} member={open} me={me} onClose={() => setOpenId(null)} />
      ) : null}
    </>
  );
}

interface OpenInvitationsProps {
  ownRole: string | null;
  onCreated: (created: InvitationCreated) => void;
}

function OpenInvitations({ ownRole, onCreated }: OpenInvitationsProps) {
  const invitations = useInvitations();
  return (
    <Panel title="Open invitations" flush>
      <Resource query={invitations}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-4 pb-4 text-control text-t2">Nobody is invited at the moment.</p>
          ) : (
            <InvitationsTable invitations={items} ownRole={ownRole} onCreated={onCreated} />
          )
        }
      </Resource>
    </Panel>
  );
}
