/** Places the nodes of a universe on a grid: column = depth, row = order, stable under insertion. */
import { type HierarchyNode, stratify } from 'd3-hierarchy';

export interface LayoutInput {
  id: string;
  parentId: string | null;
  createdAt: string;
}

export interface Place {
  id: string;
  parentId: string | null;
  column: number;
  row: number;
}

export interface Layout {
  places: Place[];
  byId: ReadonlyMap<string, Place>;
  /** Per column the places from top to bottom. */
  byColumn: readonly (readonly Place[])[];
  columns: number;
  rows: number;
}

const empty: Layout = { places: [], byId: new Map(), byColumn: [], columns: 0, rows: 0 };

/**
 * A first child continues its parent's row and later children go below, each column packed on its
 * own. A new node is always the youngest of its siblings, so it only ever pushes what lies under it.
 */
export function layoutTree(nodes: readonly LayoutInput[]): Layout {
  if (nodes.length === 0) return empty;
  const root = stratify<LayoutInput>()
    .id((node) => node.id)
    .parentId((node) => node.parentId)([...nodes])
    .sort(byAge);
  const free: number[] = [];
  const rows = new Map<HierarchyNode<LayoutInput>, number>();
  place(root, 0, free, rows);
  const places = root.descendants().map(
    (node): Place => ({
      id: node.data.id,
      parentId: node.data.parentId,
      column: node.depth,
      row: rows.get(node) ?? 0,
    }),
  );
  return {
    places,
    byId: new Map(places.map((entry) => [entry.id, entry])),
    byColumn: columnsOf(places, root.height + 1),
    columns: root.height + 1,
    rows: Math.max(...free),
  };
}

function columnsOf(places: readonly Place[], count: number): Place[][] {
  const columns = Array.from({ length: count }, (): Place[] => []);
  for (const entry of places) columns[entry.column]?.push(entry);
  for (const column of columns) column.sort((a, b) => a.row - b.row);
  return columns;
}

function byAge(a: HierarchyNode<LayoutInput>, b: HierarchyNode<LayoutInput>): number {
  const age = a.data.createdAt.localeCompare(b.data.createdAt);
  return age === 0 ? a.data.id.localeCompare(b.data.id) : age;
}

function place(
  node: HierarchyNode<LayoutInput>,
  atLeast: number,
  free: number[],
  rows: Map<HierarchyNode<LayoutInput>, number>,
): number {
  const own = Math.max(atLeast, free[node.depth] ?? 0);
  const [first, ...later] = node.children ?? [];
  const row = first ? place(first, own, free, rows) : own;
  for (const child of later) place(child, row, free, rows);
  rows.set(node, row);
  free[node.depth] = row + 1;
  return row;
}

/** The ids from a node up to the root, the node first. */
export function pathToRoot(layout: Layout, id: string | undefined): string[] {
  const path: string[] = [];
  let place = id === undefined ? undefined : layout.byId.get(id);
  while (place) {
    path.push(place.id);
    place = place.parentId === null ? undefined : layout.byId.get(place.parentId);
  }
  return path;
}

export type Step = 'parent' | 'child' | 'previous' | 'next' | 'start';

/** The node an arrow key leads to; null where there is none. */
export function walk(layout: Layout, from: string, step: Step): string | null {
  const here = layout.byId.get(from);
  if (!here) return null;
  if (step === 'start') return layout.places[0]?.id ?? null;
  if (step === 'parent') return here.parentId;
  if (step === 'child') return firstChild(layout, from);
  return neighbour(layout, here, step);
}

function firstChild(layout: Layout, id: string): string | null {
  let best: Place | null = null;
  for (const candidate of layout.places) {
    if (candidate.parentId === id && (best === null || candidate.row < best.row)) best = candidate;
  }
  return best?.id ?? null;
}

/** The next node up or down in the same column, siblings or not. */
function neighbour(layout: Layout, here: Place, step: 'previous' | 'next'): string | null {
  const column = layout.byColumn[here.column] ?? [];
  const index = column.findIndex((entry) => entry.id === here.id);
  return column[step === 'next' ? index + 1 : index - 1]?.id ?? null;
}
