import type { InvitationCreated } from '@/api/generated/types.gen';
import { invitationLink } from '../invitations';
import { ShownOnce } from './shown-once';

interface InvitationLinkProps {
  created: InvitationCreated;
  onDone: () => void;
}

/** The link of a new invitation, for where mail does not get through. */
export function InvitationLink({ created, onDone }: InvitationLinkProps) {
  if (created.token === null) return null;
  return (
    <ShownOnce
      label={`Link for ${created.email}`}
      title={`${created.email} is invited`}
      secret={invitationLink(created.token)}
      copied="The link is copied."
      onDone={onDone}
    >
      This link is mailed there; you can also hand it over yourself. It is shown this once, and
      whoever has it can join as {created.role}.
    </ShownOnce>
  );
}
