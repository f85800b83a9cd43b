import {
  universeListProjectsInfiniteOptions,
  universeListRolesOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import type { DomainName } from './draft';

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

/** What a template can take from these people; asked once they are chosen. */
export function rolesOptions(name: DomainName, populationId: string | undefined) {
  return {
    ...universeListRolesOptions({ query: { template: name, population_id: populationId ?? '' } }),
    enabled: populationId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  };
}
