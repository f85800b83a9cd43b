import { universeListProjectsInfiniteOptions } from '@/api/generated/@tanstack/react-query.gen';

const PAGE = 50;

export function projectListOptions() {
  return {
    ...universeListProjectsInfiniteOptions({ query: { limit: PAGE } }),
    initialPageParam: { query: { limit: PAGE } },
    getNextPageParam: (last: { next_cursor?: string | null }) =>
      last.next_cursor ? { query: { limit: PAGE, cursor: last.next_cursor } } : undefined,
    maxPages: 20,
  };
}
