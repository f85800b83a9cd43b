/** Which entries the audit page shows, as its address holds it. */
import { type RawSearch, readText } from '@/lib/search-params';

export interface AuditSearch {
  action?: string | undefined;
  resource_type?: string | undefined;
  resource_id?: string | undefined;
  search?: string | undefined;
  ip?: string | undefined;
  request_id?: string | undefined;
  /** Days in UTC, both included. */
  since?: string | undefined;
  to?: string | undefined;
  /** The entry that is open. */
  entry?: string | undefined;
}

const texts = [
  'action',
  'resource_type',
  'resource_id',
  'search',
  'ip',
  'request_id',
  'entry',
] as const;
const days = ['since', 'to'] as const;

export function readAuditSearch(raw: RawSearch): AuditSearch {
  const search: AuditSearch = {};
  for (const key of texts) {
    const value = readText(raw, key);
    if (value !== undefined) search[key] = value;
  }
  for (const key of days) {
    const value = readText(raw, key);
    if (value !== undefined && isDay(value)) search[key] = value;
  }
  return search;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The filter as the API takes it: days become the instants at which they begin and end. */
export function filterOf({ entry: _, since, to, ...same }: AuditSearch) {
  return {
    ...same,
    ...(since === undefined ? {} : { since: `${since}T00:00:00Z` }),
    ...(to === undefined ? {} : { to: `${to}T23:59:59.999Z` }),
  };
}
