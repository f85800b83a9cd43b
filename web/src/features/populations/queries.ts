import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import {
  populationsDownloadRefusedRowsOptions,
  populationsGetPopulationOptions,
  populationsGetPopulationQueryKey,
  populationsGetPopulationReportOptions,
  populationsImportPopulationMutation,
  populationsListPopulationsInfiniteOptions,
  populationsListPopulationsInfiniteQueryKey,
  populationsReadPopulationAnewMutation,
  populationsUpdatePopulationMutation,
  populationsUploadPopulationMutation,
  universeDeletePopulationMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import type { PopulationDetail } from '@/api/generated/types.gen';
import { saveFile } from '@/lib/save-file';

const WHILE_IMPORTING_MS = 700;
const PAGE = 50;

/** One population; read again and again while its import runs. */
export function populationOptions(populationId: string) {
  return {
    ...populationsGetPopulationOptions({ path: { population_id: populationId } }),
    refetchInterval: (query: { state: { data?: PopulationDetail | undefined } }) =>
      query.state.data?.status === 'importing' ? WHILE_IMPORTING_MS : false,
  } as const;
}

/** A ready population never changes, so neither does its report. */
export function reportOptions(populationId: string) {
  return {
    ...populationsGetPopulationReportOptions({ path: { population_id: populationId } }),
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export function populationListOptions() {
  return {
    ...populationsListPopulationsInfiniteOptions({ query: { limit: PAGE } }),
    initialPageParam: { query: { limit: PAGE } },
    getNextPageParam: (last: { next_cursor?: string | null }) =>
      last.next_cursor ? { query: { limit: PAGE, cursor: last.next_cursor } } : undefined,
    maxPages: 20,
  };
}

function keep(queryClient: QueryClient, population: PopulationDetail): void {
  const path = { population_id: population.id };
  queryClient.setQueryData(populationsGetPopulationQueryKey({ path }), population);
  void queryClient.invalidateQueries({ queryKey: populationsListPopulationsInfiniteQueryKey() });
}

export function useUpload() {
  const queryClient = useQueryClient();
  return useMutation({
    ...populationsUploadPopulationMutation(),
    onSuccess: (population) => keep(queryClient, population),
  });
}

export function useImport() {
  const queryClient = useQueryClient();
  return useMutation({
    ...populationsImportPopulationMutation(),
    onSuccess: (population) => keep(queryClient, population),
  });
}

/** Another sheet, header row or encoding: the file is looked into once more. */
export function useReadAnew() {
  const queryClient = useQueryClient();
  return useMutation({
    ...populationsReadPopulationAnewMutation(),
    onSuccess: (population) => keep(queryClient, population),
  });
}

export function useUpdatePopulation() {
  const queryClient = useQueryClient();
  return useMutation({
    ...populationsUpdatePopulationMutation(),
    onSuccess: (population) => keep(queryClient, population),
  });
}

export function useDeletePopulation() {
  const queryClient = useQueryClient();
  return useMutation({
    ...universeDeletePopulationMutation(),
    onSuccess: () =>
      queryClient.invalidateQueries({ queryKey: populationsListPopulationsInfiniteQueryKey() }),
  });
}

/** Fetches the refused rows with the token and hands them to the browser as a file. */
export async function downloadRefusedRows(
  queryClient: QueryClient,
  populationId: string,
  fileName: string,
): Promise<void> {
  const options = populationsDownloadRefusedRowsOptions({
    path: { population_id: populationId },
    parseAs: 'text',
  });
  const rows = await queryClient.fetchQuery({ ...options, gcTime: 0 });
  saveFile(
    `refused-${fileName.replace(/\.[^.]+$/, '')}.csv`,
    new Blob([rows], { type: 'text/csv' }),
  );
}
