/** What of a page belongs in its address: everything a colleague should see, nothing else. */
import type { Metric } from '@/features/runs';

export const inspectorTabs = ['summary', 'drivers', 'changes', 'runs', 'provenance'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

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

type Raw = Record<string, unknown>;

function text(raw: Raw, key: string): string | undefined {
  const value = raw[key];
  // The router reads what looks like JSON as JSON, so a question may arrive as a number.
  const written = typeof value === 'number' ? `${value}` : value;
  return typeof written === 'string' && written !== '' ? written : undefined;
}

function tick(raw: Raw, key: string): number | undefined {
  const value = Number(raw[key] ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** "a,b" as ids, at most four, each once. */
export function splitIds(joined: string | undefined): string[] {
  const parts = (joined ?? '').split(',').filter((part) => part !== '');
  return [...new Set(parts)].slice(0, 4);
}

export function joinIds(ids: readonly string[]): string {
  return ids.join(',');
}

export function readUniverseSearch(raw: Raw): UniverseSearch {
  const view = text(raw, 'view');
  const tab = inspectorTabs.find((name) => name === raw.tab);
  const search: UniverseSearch = {};
  const node = text(raw, 'node');
  const from = text(raw, 'from');
  const compare = text(raw, 'compare');
  const q = text(raw, 'q');
  if (node !== undefined) search.node = node;
  if (from !== undefined) search.from = from;
  if (compare !== undefined) search.compare = compare;
  if (q !== undefined) search.q = q;
  if (view === 'map' || view === 'table') search.view = view;
  if (tab !== undefined && tab !== 'summary') search.tab = tab;
  return search;
}

export interface CompareSearch {
  nodes?: string;
  metric?: Metric;
  from?: number | undefined;
  to?: number;
}

export function readCompareSearch(raw: Raw): CompareSearch {
  const search: CompareSearch = {};
  const nodes = text(raw, 'nodes');
  const from = tick(raw, 'from');
  const to = tick(raw, 'to');
  if (nodes !== undefined) search.nodes = nodes;
  if (raw.metric === 'stock' || raw.metric === 'new_installations') search.metric = raw.metric;
  if (from !== undefined) search.from = from;
  if (to !== undefined) search.to = to;
  return search;
}

export interface ActorsSearch {
  run?: string;
}

export function readActorsSearch(raw: Raw): ActorsSearch {
  const run = text(raw, 'run');
  return run === undefined ? {} : { run };
}

export interface PlansSearch {
  plan?: string;
}

export function readPlansSearch(raw: Raw): PlansSearch {
  const plan = text(raw, 'plan');
  return plan === undefined ? {} : { plan };
}
