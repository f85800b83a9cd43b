import { createRouter } from '@tanstack/react-router';
import { ErrorScreen, NotFoundScreen } from './error-screen';
import { queryClient } from './query-client';
import { routeTree } from './route-tree.gen';
import type { RouterContext } from './router-context';

export const router = createRouter({
  routeTree,
  context: { queryClient } satisfies RouterContext,
  defaultPreload: 'intent',
  // Query decides what is fresh; the router only asks it.
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: ErrorScreen,
  defaultNotFoundComponent: NotFoundScreen,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** Pages before sign-in stand alone, without header. */
    bare?: boolean;
  }
}
