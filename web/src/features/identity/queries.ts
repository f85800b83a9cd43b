import type { QueryClient } from '@tanstack/react-query';
import { identityMeOptions } from '@/api/generated/@tanstack/react-query.gen';
import { identityLogout } from '@/api/generated/sdk.gen';
import { dropToken, hasToken, renewSession } from '@/api/session';

/** Who is signed in: stays until sign-out, so every page may ask. */
export function meOptions() {
  return { ...identityMeOptions(), staleTime: Number.POSITIVE_INFINITY };
}

/** True when this tab holds, or by the refresh cookie gets, an access token. */
export async function ensureSignedIn(): Promise<boolean> {
  return hasToken() || (await renewSession());
}

/** Ends the sign-in on the server, then forgets everything this tab knows of the tenant. */
export async function signOut(queryClient: QueryClient): Promise<void> {
  await identityLogout();
  dropToken();
  queryClient.clear();
}
