import { type RawSearch, readText } from '@/lib/search-params';

export interface ActorsSearch {
  run?: string;
}

export function readActorsSearch(raw: RawSearch): ActorsSearch {
  const run = readText(raw, 'run');
  return run === undefined ? {} : { run };
}
