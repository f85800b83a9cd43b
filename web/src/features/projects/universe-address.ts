/** The universe page's address as state: what is chosen, compared and shown, and how it changes. */
import { useNavigate } from '@tanstack/react-router';
import { joinIds, splitIds } from '@/features/comparisons';
import { announce } from '@/ui/toast';
import type { UniverseSearch } from './universe-search';

export interface UniverseAddress {
  compared: readonly string[];
  show: (change: Partial<UniverseSearch>) => void;
  /** Goes into the history, so that Back returns to the node before. */
  select: (nodeId: string) => void;
  /** Into the comparison, or out of it; the four latest stay. */
  compare: (nodeId: string) => void;
}

export function useUniverseAddress(search: UniverseSearch): UniverseAddress {
  const navigate = useNavigate({ from: '/projects/$projectId/universe' });
  const compared = splitIds(search.compare);
  const go = (change: Partial<UniverseSearch>, replace: boolean) =>
    void navigate({ search: (known) => clean({ ...known, ...change }), replace });
  const show = (change: Partial<UniverseSearch>) => go(change, true);
  return {
    compared,
    show,
    select: (nodeId) => go({ node: nodeId }, false),
    compare: (nodeId) => {
      const isIn = compared.includes(nodeId);
      const next = isIn ? compared.filter((id) => id !== nodeId) : [...compared, nodeId].slice(-4);
      announce(isIn ? 'Taken out of the comparison' : `${next.length} in the comparison`);
      show({ compare: joinIds(next) });
    },
  };
}

/** Unset keys leave the address. */
function clean(search: UniverseSearch): UniverseSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
