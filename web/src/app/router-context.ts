import type { QueryClient } from '@tanstack/react-query';

/** What loaders of routes may use. */
export interface RouterContext {
  queryClient: QueryClient;
}
