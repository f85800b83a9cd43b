/** What of a replay belongs in its address. */
export const replayLayers = ['state', 'changed'] as const;
export type ReplayLayer = (typeof replayLayers)[number];

export interface ReplaySearch {
  tick?: number;
  layer?: ReplayLayer;
  region?: string;
  segment?: string;
}

export function readReplaySearch(raw: Record<string, unknown>): ReplaySearch {
  const search: ReplaySearch = {};
  const tick = Number(raw.tick ?? Number.NaN);
  if (Number.isInteger(tick) && tick >= 0) search.tick = tick;
  if (raw.layer === 'changed') search.layer = raw.layer;
  if (typeof raw.region === 'string' && raw.region !== '') search.region = raw.region;
  if (typeof raw.segment === 'string' && raw.segment !== '') search.segment = raw.segment;
  return search;
}
