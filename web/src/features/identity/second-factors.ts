/** The second factor of whoever is signed in: an authenticator app, and codes on paper behind it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { encode } from 'uqr';
import {
  identityBeginTotpMutation,
  identityConfirmTotpMutation,
  identityGetSecondFactorsOptions,
  identityRemoveTotpMutation,
  identityRenewRecoveryCodesMutation,
} from '@/api/generated/@tanstack/react-query.gen';

export const useSecondFactors = () => useQuery(identityGetSecondFactorsOptions());

function useAskAgain() {
  const client = useQueryClient();
  return () => void client.invalidateQueries(identityGetSecondFactorsOptions());
}

/** It changes nothing that is in force. */
export const useBeginTotp = () => useMutation(identityBeginTotpMutation());

export const useConfirmTotp = () =>
  useMutation({ ...identityConfirmTotpMutation(), onSuccess: useAskAgain() });

export const useRemoveTotp = () =>
  useMutation({ ...identityRemoveTotpMutation(), onSuccess: useAskAgain() });

export const useRenewRecoveryCodes = () =>
  useMutation({ ...identityRenewRecoveryCodesMutation(), onSuccess: useAskAgain() });

/** A QR code as one SVG path of unit squares, and how many of them a side has. */
export function qrPath(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { border: 2 });
  const squares = data.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  return { path: squares.join(''), size };
}
