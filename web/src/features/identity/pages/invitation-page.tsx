import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { identityLookAtInvitationMutation } from '@/api/generated/@tanstack/react-query.gen';
import type { InvitationOffer } from '@/api/generated/types.gen';
import { dateTime } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { ErrorState, Loading } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { InvitationAnswer } from '../components/invitation-answer';
import { useMailedToken } from '../mailed-token';

/** Where the mailed link leads, for somebody with and without an account. */
export function InvitationPage() {
  const token = useMailedToken();
  const look = useMutation({ ...identityLookAtInvitationMutation(), meta: { isQuestion: true } });
  const { mutate } = look;
  useEffect(() => {
    if (token !== null) mutate({ body: { token } });
  }, [token, mutate]);
  if (look.data && token !== null) return <Offer offer={look.data} token={token} />;
  return (
    <AuthCard title="Invitation" lead="A link that lets you into an organization.">
      {look.error ? (
        <ErrorState
          problem={toProblem(look.error)}
          onRetry={() => mutate({ body: { token: token ?? '' } })}
          action={
            <Link to="/projects" className={buttonClass('secondary', 'small')}>
              Go on without it
            </Link>
          }
        />
      ) : (
        <Loading label="Looking at the invitation" rows={3} />
      )}
    </AuthCard>
  );
}

function Offer({ offer, token }: { offer: InvitationOffer; token: string }) {
  return (
    <AuthCard
      title={`Join ${offer.organization}`}
      lead={`You are invited as ${offer.role}. The invitation was made to ${offer.email} and ends ${dateTime(offer.expires_at)}.`}
    >
      <InvitationAnswer offer={offer} token={token} />
    </AuthCard>
  );
}
