/** What a printed comparison says of the change and of its interval. */
import type { EventScriptWire, IntervalPart, Node } from '@/api/generated/types.gen';
import { share } from '@/lib/format';

type Placed = Pick<Node, 'id' | 'parent_id' | 'event_scripts'>;

/**
 * The scripts that the branch has beyond its base, first applied first: those on the way down from
 * the base, or from the root where the base is on another branch.
 */
export function changesBetween(
  nodes: readonly Placed[],
  baseId: string,
  branchId: string,
): EventScriptWire[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const way: Placed[] = [];
  let at = byId.get(branchId);
  while (at && at.id !== baseId && !way.includes(at)) {
    way.unshift(at);
    at = at.parent_id === null ? undefined : byId.get(at.parent_id);
  }
  return way.flatMap((node) => node.event_scripts);
}

const NAMES: Record<IntervalPart['kind'], string> = {
  chance: 'the randomness of the simulation',
  estimation: 'the error of the estimated coefficients',
};

/** Where the variance of the main difference comes from; no part is claimed that was not computed. */
export function partWords(parts: readonly IntervalPart[]): string {
  if (parts.length === 0) {
    return 'How much of it is chance and how much the error of estimated coefficients was not computed here. An error of the model itself is in no interval.';
  }
  const told = parts.map((part) => `${share(part.share)} ${NAMES[part.kind]}`);
  return `Of the variance of the main difference, ${told.join(' and ')}. An error of the model itself is in no interval.`;
}
