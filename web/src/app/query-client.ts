import { QueryClient } from '@tanstack/react-query';
import type { ApiProblem } from '@/lib/problem';
import { toProblem } from '@/lib/problem';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiProblem;
  }
}

const REPEATS = 2;

/** Server failures and lost connections are tried twice more; what the caller did wrong never. */
export function mayRepeat(failures: number, error: unknown): boolean {
  const { status } = toProblem(error);
  return failures < REPEATS && (status === 0 || status >= 500);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: mayRepeat, staleTime: 10_000, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});
