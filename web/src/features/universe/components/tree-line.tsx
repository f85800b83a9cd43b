import type { Node } from '@/api/generated/types.gen';
import { IllustrativeBadge, sentenceCase } from '@/features/runs';
import { cx } from '@/lib/cx';
import { pointsRange, shareRange } from '@/lib/format';
import type { ValueAxis } from '@/ui/charts/geometry';
import { IntervalStrip } from '@/ui/charts/interval-strip';
import { verdict } from '@/ui/charts/verdict';
import { Status } from '@/ui/status';
import { medianShare, verdictWords } from '../wording';
import type { TreeRow } from './tree-rows';

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

/** One world version: its name at its depth, its outcome, and what it differs in. */
export function TreeLine({
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
      <OutcomeCell node={node} />
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
      <DifferenceCell node={node} />
    </tr>
  );
}

function OutcomeCell({ node: { outcome, outcome_label, basis } }: { node: Node }) {
  return (
    <td className="px-2 py-2 text-right font-mono whitespace-nowrap sm:px-3">
      {outcome ? (
        <>
          {shareRange(outcome.low, outcome.high)}
          <span className="block text-caption text-t3">
            {outcome_label}, median {medianShare(outcome)}
          </span>
          <IllustrativeBadge basis={basis} />
        </>
      ) : (
        <span className="text-t3">—</span>
      )}
    </td>
  );
}

function DifferenceCell({ node: { difference, kind } }: { node: Node }) {
  return (
    <td className="px-2 py-2 text-right sm:px-3">
      {difference ? (
        <>
          <span className="font-mono sm:whitespace-nowrap">
            {pointsRange(difference.low, difference.high)}
          </span>
          <span className="block text-caption text-t2">{verdictWords[verdict(difference)]}</span>
        </>
      ) : (
        <span className="text-t3">{kind === 'root' ? 'is the baseline' : '—'}</span>
      )}
    </td>
  );
}
