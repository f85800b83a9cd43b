import {
  universeGetConsumerChoiceOptions,
  universeListProjectsInfiniteOptions,
} from '@/api/generated/@tanstack/react-query.gen';

const PAGE = 50;

/** Defaults, bounds and sources of the behaviour; they change with the server only. */
export const templateOptions = () => ({
  ...universeGetConsumerChoiceOptions(),
  staleTime: Number.POSITIVE_INFINITY,
});

export function projectListOptions() {
  return {
    ...universeListProjectsInfiniteOptions({ query: { limit: PAGE } }),
    initialPageParam: { query: { limit: PAGE } },
    getNextPageParam: (last: { next_cursor?: string | null }) =>
      last.next_cursor ? { query: { limit: PAGE, cursor: last.next_cursor } } : undefined,
    maxPages: 20,
  };
}
