import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { Node } from '@/api/generated/types.gen';
import type { ValueAxis } from '@/ui/charts/geometry';
import { TreeLine } from './tree-line';
import { type TreeRow, treeRows } from './tree-rows';

interface NodeTreeProps {
  nodes: readonly Node[];
  selectedId: string | null;
  compared: readonly string[];
  axis: ValueAxis;
  outcomeLabel: string;
  onSelect: (nodeId: string) => void;
  onCompare: (nodeId: string) => void;
  onTune: (nodeId: string) => void;
}

/** The map as a tree grid: the same nodes, the same numbers, every action by keyboard. */
export function NodeTree(props: NodeTreeProps) {
  const { nodes, selectedId, compared, axis, outcomeLabel, onSelect, onCompare, onTune } = props;
  const { rows, isOpen, toggle } = useTreeRows(nodes);
  const [focused, setFocused] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const active = rows.some((row) => row.node.id === focused)
    ? focused
    : (selectedId ?? rows[0]?.node.id ?? null);
  const baseline = nodes.find((node) => node.kind === 'root')?.outcome ?? null;

  const focusRow = (id: string | undefined) => {
    if (id === undefined) return;
    setFocused(id);
    body.current?.querySelector<HTMLElement>(`[data-node="${id}"]`)?.focus();
  };
  const press = (event: KeyboardEvent) => {
    const index = rows.findIndex((row) => row.node.id === active);
    const row = rows[index];
    if (!row) return;
    const { id } = row.node;
    const actions: Record<string, () => void> = {
      ArrowDown: () => focusRow(rows[index + 1]?.node.id),
      ArrowUp: () => focusRow(rows[index - 1]?.node.id),
      Home: () => focusRow(rows[0]?.node.id),
      End: () => focusRow(rows.at(-1)?.node.id),
      ArrowRight: () => (isOpen(row) ? focusRow(rows[index + 1]?.node.id) : toggle(id, true)),
      ArrowLeft: () =>
        isOpen(row) ? toggle(id, false) : focusRow(row.node.parent_id ?? undefined),
      Enter: () => onSelect(id),
      c: () => onCompare(id),
      C: () => onCompare(id),
      f: () => onTune(id),
      F: () => onTune(id),
    };
    const act = actions[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  return (
    <section
      aria-label="Universe as a table"
      className="min-w-0 overflow-x-auto rounded-lg border border-line bg-s1"
    >
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree grid is a table whose rows open
        role="treegrid"
        aria-label="World versions"
        aria-rowcount={rows.length + 1}
        className="w-full border-collapse text-control"
      >
        <TreeHead outcomeLabel={outcomeLabel} />
        <tbody ref={body} onKeyDown={press}>
          {rows.map((row) => (
            <TreeLine
              key={row.node.id}
              row={row}
              open={row.children > 0 ? isOpen(row) : undefined}
              selected={row.node.id === selectedId}
              compared={compared.includes(row.node.id)}
              tabbable={row.node.id === active}
              axis={axis}
              baseline={baseline}
              onSelect={() => {
                setFocused(row.node.id);
                onSelect(row.node.id);
              }}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The rows that are open to be seen; a row that is closed hides those below it. */
function useTreeRows(nodes: readonly Node[]) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(nodes, closed), [nodes, closed]);
  return {
    rows,
    isOpen: (row: TreeRow) => row.children > 0 && !closed.has(row.node.id),
    toggle: (id: string, open: boolean) => {
      const next = new Set(closed);
      if (open) next.delete(id);
      else next.add(id);
      setClosed(next);
    },
  };
}

function TreeHead({ outcomeLabel }: Pick<NodeTreeProps, 'outcomeLabel'>) {
  return (
    <thead>
      <tr className="border-b border-line text-left text-caption text-t3">
        <th scope="col" className="h-8 px-3 font-medium">
          World version
        </th>
        <th scope="col" className="hidden px-3 font-medium sm:table-cell">
          Status
        </th>
        <th scope="col" className="px-2 py-1 text-right font-medium sm:px-3">
          {outcomeLabel}
        </th>
        <th scope="col" className="hidden w-[28%] px-3 font-medium sm:table-cell">
          On the common axis
        </th>
        <th scope="col" className="px-2 py-1 text-right font-medium sm:px-3">
          Against the baseline
        </th>
      </tr>
    </thead>
  );
}
