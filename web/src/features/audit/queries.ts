import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import {
  auditGetAuditLogOptions,
  auditGetAuditStatsOptions,
  auditListAuditActionsOptions,
  auditListAuditLogsInfiniteOptions,
  auditListAuditResourceTypesOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { auditExportAuditLogs } from '@/api/generated/sdk.gen';
import { saveFile } from '@/lib/save-file';
import { type AuditSearch, filterOf } from './search';

/** Entries that match, newest first, a page at a time. */
export function useAuditLogs(search: AuditSearch) {
  const query = { ...filterOf(search), limit: 50 };
  return useInfiniteQuery({
    ...auditListAuditLogsInfiniteOptions({ query }),
    initialPageParam: { query },
    getNextPageParam: (page: { next_cursor?: string | null }) =>
      page.next_cursor ? { query: { ...query, cursor: page.next_cursor } } : undefined,
    maxPages: 20,
  });
}

/** One entry whole: what was before and after, and its seal. */
export const useAuditLog = (logId: string) =>
  useQuery(auditGetAuditLogOptions({ path: { log_id: logId } }));

/** Counts are of sealed entries, and an entry is sealed some seconds after it is written. */
const asSealed = { refetchInterval: 5_000 };

/** Counts by day, action and outcome over the days of the address. */
export function useAuditStats({ since, to }: AuditSearch) {
  const options = auditGetAuditStatsOptions({ query: filterOf({ since, to }) });
  return useQuery({ ...options, ...asSealed });
}

export const useAuditActions = () => useQuery({ ...auditListAuditActionsOptions(), ...asSealed });

export const useAuditResourceTypes = () =>
  useQuery({ ...auditListAuditResourceTypesOptions(), ...asSealed });

export type ExportFormat = 'csv' | 'json' | 'jsonl';

/** Everything that matches as a file; the export is an entry itself. */
export function useExportAuditLogs() {
  return useMutation({
    mutationFn: async ({ search, format }: { search: AuditSearch; format: ExportFormat }) => {
      const { data } = await auditExportAuditLogs({
        query: { ...filterOf(search), format },
        parseAs: 'blob',
      });
      saveFile(`audit.${format}`, data as Blob);
    },
  });
}
