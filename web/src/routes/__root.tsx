import { createRootRouteWithContext, redirect } from '@tanstack/react-router';
import type { RouterContext } from '@/app/router-context';
import { Shell } from '@/app/shell';
import { ensureSignedIn } from '@/features/identity/queries';

// Those that a mail leads to ask for a sign-in themselves: their token must get into no `next`.
const PUBLIC = [
  '/sign-in',
  '/register',
  '/invitation',
  '/forgotten-password',
  '/reset-password',
  '/verify-address',
];

export const Route = createRootRouteWithContext<RouterContext>()({
  beforeLoad: async ({ location }) => {
    if (PUBLIC.includes(location.pathname)) return;
    if (await ensureSignedIn()) return;
    throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
  component: Shell,
});
