import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { identityVerifyAddressMutation } from '@/api/generated/@tanstack/react-query.gen';
import type { TokenResponse } from '@/api/generated/types.gen';
import { acceptToken } from '@/api/session';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { ErrorState, Loading } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { PasswordForm } from '../components/password-form';
import { useMailedToken } from '../mailed-token';
import { ensureSignedIn, meOptions } from '../queries';

/** Where the mailed link leads; whoever is not signed in does so here, and the token stays here. */
export function VerifyAddressPage() {
  const client = useQueryClient();
  const token = useMailedToken();
  const signedIn = useQuery({ queryKey: ['signed in'], queryFn: ensureSignedIn, gcTime: 0 });
  if (signedIn.data === false) {
    const keep = async (answer: TokenResponse) => {
      client.clear();
      acceptToken(answer);
      await signedIn.refetch();
    };
    return (
      <AuthCard
        title="Verify your address"
        lead="The link was mailed to your address. Sign in with it and it is verified."
      >
        <PasswordForm submit="Sign in and verify" onSignedIn={keep} />
      </AuthCard>
    );
  }
  return <Verifying token={signedIn.isPending ? null : token} />;
}

function Verifying({ token }: { token: string | null }) {
  const client = useQueryClient();
  const { mutate, ...verify } = useMutation({
    ...identityVerifyAddressMutation(),
    onSuccess: () => client.invalidateQueries(meOptions()),
  });
  useEffect(() => {
    if (token !== null) mutate({ body: { token } });
  }, [token, mutate]);
  return (
    <AuthCard
      title={verify.isSuccess ? 'Your address is verified' : 'Verifying your address'}
      lead={
        verify.isSuccess
          ? 'It is yours now, and invitations made to it find you.'
          : 'The link works once, where you are signed in.'
      }
    >
      {verify.error ? <ErrorState problem={toProblem(verify.error)} /> : null}
      {verify.isIdle || verify.isPending ? <Loading label="Verifying" rows={2} /> : null}
      {verify.isSuccess || verify.error ? (
        <Link to="/account/profile" className={buttonClass('primary')}>
          Your profile
        </Link>
      ) : null}
    </AuthCard>
  );
}
