import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  universeDeleteProjectMutation,
  universeListProjectsInfiniteOptions,
  universeListProjectsInfiniteQueryKey,
  universeListRolesOptions,
  universeUpdateProjectMutation,
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

function useListAnew() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: universeListProjectsInfiniteQueryKey() });
}

export function useUpdateProject() {
  return useMutation({ ...universeUpdateProjectMutation(), onSuccess: useListAnew() });
}

export function useDeleteProject() {
  return useMutation({ ...universeDeleteProjectMutation(), onSuccess: useListAnew() });
}
