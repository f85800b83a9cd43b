/** The universe as rows of a tree grid: parents before children, siblings by age. */
import type { Node } from '@/api/generated/types.gen';

export interface TreeRow {
  node: Node;
  level: number;
  position: number;
  siblings: number;
  children: number;
}

export function treeRows(nodes: readonly Node[], closed: ReadonlySet<string>): TreeRow[] {
  const children = new Map<string | null, Node[]>();
  for (const node of nodes) {
    const family = children.get(node.parent_id);
    if (family) family.push(node);
    else children.set(node.parent_id, [node]);
  }
  const rows: TreeRow[] = [];
  const visit = (parent: string | null, level: number) => {
    const family = [...(children.get(parent) ?? [])].sort((a, b) =>
      a.created_at.localeCompare(b.created_at),
    );
    family.forEach((node, index) => {
      const count = children.get(node.id)?.length ?? 0;
      rows.push({ node, level, position: index + 1, siblings: family.length, children: count });
      if (!closed.has(node.id)) visit(node.id, level + 1);
    });
  };
  visit(null, 1);
  return rows;
}
