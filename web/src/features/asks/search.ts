import { type RawSearch, readText } from '@/lib/search-params';

/** The question whose sweep is shown. */
export interface SweepSearch {
  ask?: string;
}

export function readSweepSearch(raw: RawSearch): SweepSearch {
  const ask = readText(raw, 'ask');
  return ask === undefined ? {} : { ask };
}
