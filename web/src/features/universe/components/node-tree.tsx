import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { Node } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { cx } from '@/lib/cx';
import { pointsRange, shareRange } from '@/lib/format';
import type { ValueAxis } from '@/ui/charts/geometry';
import { IntervalStrip } from '@/ui/charts/interval-strip';
import { verdict } from '@/ui/charts/verdict';
import { Status } from '@/ui/status';
import { medianShare, verdictWords } from '../wording';

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

interface TreeRow {
  node: Node;
  level: number;
  position: number;
  siblings: number;
  children: number;
}

/** The map as a tree grid: the same nodes, the same numbers, every action by keyboard. */
export function NodeTree(props: NodeTreeProps) {
  const { nodes, selectedId, compared, axis, outcomeLabel, onSelect, onCompare, onTune } = props;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(nodes, closed), [nodes, closed]);
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
  const toggle = (id: string, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(id);
    else next.add(id);
    setClosed(next);
  };
  const press = (event: KeyboardEvent) => {
    const index = rows.findIndex((row) => row.node.id === active);
    const row = rows[index];
    if (!row) return;
    const { id } = row.node;
    const isOpen = row.children > 0 && !closed.has(id);
    const actions: Record<string, () => void> = {
      ArrowDown: () => focusRow(rows[index + 1]?.node.id),
      ArrowUp: () => focusRow(rows[index - 1]?.node.id),
      Home: () => focusRow(rows[0]?.node.id),
      End: () => focusRow(rows.at(-1)?.node.id),
      ArrowRight: () => (isOpen ? focusRow(rows[index + 1]?.node.id) : toggle(id, true)),
      ArrowLeft: () => (isOpen ? toggle(id, false) : focusRow(row.node.parent_id ?? undefined)),
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
        <tbody ref={body} onKeyDown={press}>
          {rows.map((row) => (
            <TreeLine
              key={row.node.id}
              row={row}
              open={row.children > 0 ? !closed.has(row.node.id) : undefined}
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

interface TreeLineProps {
  row: TreeRow;
  open: boolean | undefined;
  selected: boolean;
  compared: boolean;
  tabbable: boolean;
  axis: ValueAxis;
  baseline: Node['outcome'];
  onSelect: () => void;
}

function TreeLine({
  row,
  open,
  selected,
  compared,
  tabbable,
  axis,
  baseline,
  onSelect,
}: TreeLineProps) {
  const { node } = row;
  const isRoot = node.kind === 'root';
  return (
    <tr
      data-node={node.id}
      tabIndex={tabbable ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={open}
      aria-selected={selected}
      onClick={onSelect}
      className={cx(
        'cursor-pointer border-b border-line -outline-offset-2 last:border-b-0 hover:bg-s2',
        selected && 'bg-s3',
      )}
    >
      <td className="max-w-80 px-2 py-2 sm:px-3">
        <div
          style={{ paddingInlineStart: `calc(${row.level - 1} * clamp(0.375rem, 1.2vw, 1rem))` }}
        >
          <span className="flex min-w-0 items-baseline gap-1.5">
            <span aria-hidden="true" className="w-3 shrink-0 text-t3">
              {open === undefined ? '' : open ? '▾' : '▸'}
            </span>
            <span className="text-t1">{sentenceCase(node.label)}</span>
            {compared && <span className="text-caption text-accent">compare</span>}
          </span>
          <Status status={node.status} className="ml-4.5 sm:hidden" />
        </div>
      </td>
      <td className="hidden px-3 py-2 sm:table-cell">
        <Status status={node.status} />
      </td>
      <td className="px-2 py-2 text-right font-mono whitespace-nowrap sm:px-3">
        {node.outcome ? (
          <>
            {shareRange(node.outcome.low, node.outcome.high)}
            <span className="block text-caption text-t3">median {medianShare(node.outcome)}</span>
          </>
        ) : (
          <span className="text-t3">—</span>
        )}
      </td>
      <td className="hidden px-3 py-2 sm:table-cell">
        {node.outcome && (
          <IntervalStrip
            name=""
            axis={axis}
            {...node.outcome}
            tone={isRoot ? 'baseline' : 'accent'}
            baseline={isRoot ? null : baseline}
          />
        )}
      </td>
      <td className="px-2 py-2 text-right sm:px-3">
        {node.difference ? (
          <>
            <span className="font-mono sm:whitespace-nowrap">
              {pointsRange(node.difference.low, node.difference.high)}
            </span>
            <span className="block text-caption text-t2">
              {verdictWords[verdict(node.difference)]}
            </span>
          </>
        ) : (
          <span className="text-t3">{isRoot ? 'is the baseline' : '—'}</span>
        )}
      </td>
    </tr>
  );
}

function treeRows(nodes: readonly Node[], closed: ReadonlySet<string>): TreeRow[] {
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
