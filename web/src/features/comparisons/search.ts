/** What of a page belongs in its address: everything a colleague should see, nothing else. */

import type { Metric } from '@/features/runs';
import { type RawSearch, readText, readTick } from '@/lib/search-params';

export const inspectorTabs = ['summary', 'drivers', 'changes', 'runs', 'provenance'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

/** "a,b" as ids, at most four, each once. */
export function splitIds(joined: string | undefined): string[] {
  const parts = (joined ?? '').split(',').filter((part) => part !== '');
  return [...new Set(parts)].slice(0, 4);
}

export function joinIds(ids: readonly string[]): string {
  return ids.join(',');
}

export interface CompareSearch {
  nodes?: string;
  metric?: Metric;
  from?: number | undefined;
  to?: number;
  /** As a report, for paper. */
  report?: true;
}

export function readCompareSearch(raw: RawSearch): CompareSearch {
  const search: CompareSearch = {};
  const nodes = readText(raw, 'nodes');
  const from = readTick(raw, 'from');
  const to = readTick(raw, 'to');
  if (nodes !== undefined) search.nodes = nodes;
  if (raw.metric === 'stock_share' || raw.metric === 'flow_share') search.metric = raw.metric;
  if (from !== undefined) search.from = from;
  if (to !== undefined) search.to = to;
  if (raw.report === true) search.report = true;
  return search;
}
