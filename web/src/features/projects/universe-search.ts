/** What of the universe's page belongs in its address: everything a colleague should see, nothing else. */

import { type InspectorTab, inspectorTabs } from '@/features/comparisons/search';
import { type RawSearch, readText } from '@/lib/search-params';

export interface UniverseSearch {
  node?: string;
  /** Node that the next question continues. */
  from?: string;
  /** Ids with commas between, as people write addresses. */
  compare?: string;
  /** Text of the question. */
  q?: string;
  view?: 'map' | 'table';
  tab?: InspectorTab;
}

export function readUniverseSearch(raw: RawSearch): UniverseSearch {
  const view = readText(raw, 'view');
  const tab = inspectorTabs.find((name) => name === raw.tab);
  const search: UniverseSearch = {};
  const node = readText(raw, 'node');
  const from = readText(raw, 'from');
  const compare = readText(raw, 'compare');
  const q = readText(raw, 'q');
  if (node !== undefined) search.node = node;
  if (from !== undefined) search.from = from;
  if (compare !== undefined) search.compare = compare;
  if (q !== undefined) search.q = q;
  if (view === 'map' || view === 'table') search.view = view;
  if (tab !== undefined && tab !== 'summary') search.tab = tab;
  return search;
}
