import type { QueryClient } from '@tanstack/react-query';
import { comparisonsCompareNodesOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { Node } from '@/api/generated/types.gen';
import type { Metric } from '@/features/runs';
import { graphOptions } from '@/features/universe/queries';

export interface ComparisonChoice {
  baseId: string;
  branchId: string;
  /** The project's default when absent. */
  metric?: Metric | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Both sides are finished runs, so the answer never changes. */
export const comparisonOptions = ({ baseId, branchId, metric, from, to }: ComparisonChoice) => ({
  ...comparisonsCompareNodesOptions({
    path: { node_id: baseId, other_id: branchId },
    query: {
      ...(metric === undefined ? {} : { metric }),
      ...(from === undefined ? {} : { from_tick: from }),
      ...(to === undefined ? {} : { to_tick: to }),
    },
  }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The youngest branch with an outcome: what a reader most likely came to see. */
export function newestExplored(nodes: readonly Node[]): Node | null {
  const explored = nodes.filter((node) => node.kind === 'branch' && node.status === 'explored');
  return explored.reduce<Node | null>(
    (newest, node) => (newest === null || node.created_at > newest.created_at ? node : newest),
    null,
  );
}

/** Ask for the page's largest answer as soon as the graph is here, while its code still loads. */
export async function prefetchOutcome(client: QueryClient, projectId: string): Promise<void> {
  const { nodes } = await client.ensureQueryData(graphOptions(projectId));
  const root = nodes.find((node) => node.kind === 'root');
  const branch = newestExplored(nodes);
  if (root?.status !== 'explored' || !branch?.outcome) return;
  const { metric, from_tick: from, to_tick: to } = branch.outcome;
  await client.prefetchQuery(
    comparisonOptions({ baseId: root.id, branchId: branch.id, metric, from, to }),
  );
}
