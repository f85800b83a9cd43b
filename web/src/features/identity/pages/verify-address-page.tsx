import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { identityVerifyAddressMutation } from '@/api/generated/@tanstack/react-query.gen';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { ErrorState, Loading } from '@/ui/states';
import { AuthCard } from '../components/auth-card';
import { useMailedToken } from '../mailed-token';
import { meOptions } from '../queries';

/** Where the mailed link leads, opened where its owner is signed in. */
export function VerifyAddressPage() {
  const client = useQueryClient();
  const token = useMailedToken();
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
