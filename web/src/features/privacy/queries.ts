/** What is kept, exports and deletions: of oneself, and of the organization for its owners. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  privacyDeleteOrganizationMutation,
  privacyDeleteOwnDataMutation,
  privacyExportOrganizationMutation,
  privacyExportOwnDataMutation,
  privacyListDataCategoriesOptions,
  privacyListRequestsOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { privacyDownloadExport } from '@/api/generated/sdk.gen';
import type { PrivacyRequest } from '@/api/generated/types.gen';
import { saveFile } from '@/lib/save-file';

const requests = () => privacyListRequestsOptions({ query: { limit: 20 } });

export const isUnderWay = ({ status }: Pick<PrivacyRequest, 'status'>) =>
  status === 'queued' || status === 'running';

/** Newest first; asked again while one of them is under way. */
export const usePrivacyRequests = () =>
  useQuery({
    ...requests(),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? 1000 : false),
  });

export const useDataCategories = () => useQuery(privacyListDataCategoriesOptions());

export function useExportOwnData() {
  const client = useQueryClient();
  return useMutation({
    ...privacyExportOwnDataMutation(),
    onSuccess: () => client.invalidateQueries(requests()),
  });
}

export function useExportOrganization() {
  const client = useQueryClient();
  return useMutation({
    ...privacyExportOrganizationMutation(),
    onSuccess: () => client.invalidateQueries(requests()),
  });
}

export const useDownloadExport = () =>
  useMutation({
    mutationFn: async (id: string) => {
      const { data } = await privacyDownloadExport({ path: { export_id: id }, parseAs: 'blob' });
      saveFile(`agentverse-export-${id}.zip`, data as Blob);
    },
  });

/** `onGone`: signs out here, where nobody is known any more. */
export const useDeleteOwnData = (onGone: () => Promise<void>) =>
  useMutation({ ...privacyDeleteOwnDataMutation(), onSuccess: onGone });

export const useDeleteOrganization = (onGone: () => Promise<void>) =>
  useMutation({ ...privacyDeleteOrganizationMutation(), onSuccess: onGone });
