import type { Node } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { cx } from '@/lib/cx';
import { shareRange } from '@/lib/format';
import type { ValueAxis } from '@/ui/charts/geometry';
import { IntervalStrip } from '@/ui/charts/interval-strip';
import { Status } from '@/ui/status';
import { differenceSentence, medianShare } from '../wording';
import { cardHeight, cardWidth } from './camera';

interface NodeCardProps {
  node: Node;
  selected: boolean;
  compared: boolean;
  onPath: boolean;
  tabbable: boolean;
  axis: ValueAxis;
  baseline: Node['outcome'];
  /** Live share of the node's runs that is done, 0 … 1. */
  progress: number | null;
  onSelect: () => void;
  register: (element: HTMLElement | null) => void;
}

/** A world version as a card: its name, and its outcome beside the baseline on the common axis. */
export function NodeCard(props: NodeCardProps) {
  const { node, selected, compared, onPath, tabbable, axis, baseline, progress } = props;
  return (
    <button
      ref={props.register}
      type="button"
      data-node={node.id}
      tabIndex={tabbable ? 0 : -1}
      aria-pressed={selected}
      title={`${node.label}: ${node.outcome_label}`}
      onClick={props.onSelect}
      style={{ width: cardWidth, height: cardHeight }}
      className={cx(
        'absolute top-0 left-0 flex flex-col justify-between rounded-md border bg-s2 px-2.5 py-1 text-left will-change-transform hover:bg-s3',
        selected ? 'border-accent bg-s3' : onPath ? 'border-accent/50' : 'border-line',
        node.status === 'not_run' && 'border-dashed border-edge',
      )}
    >
      <span className="flex min-w-0 items-baseline justify-between gap-2">
        <span className="line-clamp-2 text-control leading-4 font-medium text-t1">
          {sentenceCase(node.label)}
        </span>
        {compared && <span className="text-caption text-accent">compare</span>}
        {node.outcome && node.basis.kind === 'assumptions' && (
          <span className="text-caption text-warn">illustrative</span>
        )}
      </span>
      {node.outcome ? (
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1">
            <IntervalStrip
              name=""
              axis={axis}
              {...node.outcome}
              tone={node.kind === 'root' ? 'baseline' : 'accent'}
              baseline={sharedBaseline(node, baseline)}
              height={12}
            />
          </span>
          <span className="font-mono text-caption text-t1">
            <span className="sr-only">{node.outcome_label} </span>
            {shareRange(node.outcome.low, node.outcome.high)}
            <span className="sr-only">
              , median {medianShare(node.outcome)}
              {node.difference && `. ${differenceSentence(node.difference)}`}
            </span>
          </span>
        </span>
      ) : (
        <span className="flex items-center justify-between gap-2">
          <Status status={node.status} />
          {progress !== null && (
            <span className="font-mono text-caption text-accent">
              {Math.floor(progress * 100)} %
            </span>
          )}
        </span>
      )}
    </button>
  );
}

/** The baseline beside it, where both are of the same alternative. */
function sharedBaseline(node: Node, baseline: Node['outcome']): Node['outcome'] {
  const isShared = baseline?.alternative === node.outcome?.alternative;
  return node.kind === 'root' || !isShared ? null : baseline;
}
