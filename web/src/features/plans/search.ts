import { type RawSearch, readText } from '@/lib/search-params';

export interface PlansSearch {
  plan?: string;
}

export function readPlansSearch(raw: RawSearch): PlansSearch {
  const plan = readText(raw, 'plan');
  return plan === undefined ? {} : { plan };
}
