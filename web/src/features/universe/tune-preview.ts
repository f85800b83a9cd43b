/** What speaks against tuned values, asked while they are typed. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { universePreviewTune } from '@/api/generated/sdk.gen';
import type { TunedValue, TuneRequest } from '@/api/generated/types.gen';
import { changedTo, type Entries, entryError, type Tunable, tuneRequest } from './tuning';

/** So long nothing is typed before it is asked. */
const pauseMs = 300;

/** By variable; nothing for values that are not numbers within their bounds. */
export function useTunePreview(
  nodeId: string,
  all: readonly Tunable[],
  entries: Entries,
): Readonly<Record<string, TunedValue>> {
  const possible = all.filter(
    (tunable) =>
      Number.isFinite(changedTo(tunable, entries) ?? Number.NaN) &&
      entryError(tunable, entries) === undefined,
  );
  const typed = tuneRequest(possible, entries, '').values;
  const values = useSettled(JSON.stringify(typed));
  const { data } = useQuery({
    queryKey: ['tune-preview', nodeId, values],
    queryFn: async ({ signal }) => {
      const path = { node_id: nodeId };
      const found = await universePreviewTune({
        path,
        body: { values },
        signal,
        throwOnError: true,
      });
      return found.data.values;
    },
    enabled: Object.keys(values).length > 0,
    retry: false,
  });
  // What was said of another value is not said of the one that stands there now.
  const isOfNow = (name: string) => JSON.stringify(typed[name]) === JSON.stringify(values[name]);
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => isOfNow(name)));
}

/** The values as they stood before the last pause; typed: as JSON, so that equal ones are equal. */
function useSettled(typed: string): TuneRequest['values'] {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return JSON.parse(settled) as TuneRequest['values'];
}
