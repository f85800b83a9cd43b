import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import type { TokenResponse } from '@/api/generated/types.gen';
import { acceptToken } from '@/api/session';
import { localTarget } from './sign-in';

/** Keeps the new token, forgets what an earlier sign-in had loaded, and goes on. */
export function useEnter(next: string | undefined) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  return async (answer: TokenResponse) => {
    queryClient.clear();
    acceptToken(answer);
    const target = localTarget(next);
    if (target) router.history.push(target);
    else await navigate({ to: '/projects' });
  };
}
