import { MutationCache, QueryClient } from '@tanstack/react-query';
import { taskListsKey } from '@/features/tasks/queries';
import type { ApiProblem } from '@/lib/problem';
import { toProblem } from '@/lib/problem';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiProblem;
    mutationMeta: {
      /** A question asked by POST: it changes nothing and starts nothing. */
      isQuestion?: boolean;
    };
  }
}

const REPEATS = 2;

/** Server failures and lost connections are tried twice more; what the caller did wrong never. */
export function mayRepeat(failures: number, error: unknown): boolean {
  const { status } = toProblem(error);
  return failures < REPEATS && (status === 0 || status >= 500);
}

export const queryClient: QueryClient = new QueryClient({
  mutationCache: new MutationCache({
    // Whatever was changed may have started work that the activity menu follows.
    onSuccess: (_answer, _sent, _context, { meta }) => {
      if (!meta?.isQuestion) void queryClient.invalidateQueries({ queryKey: taskListsKey });
    },
  }),
  defaultOptions: {
    queries: { retry: mayRepeat, staleTime: 10_000, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});
