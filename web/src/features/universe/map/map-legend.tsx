import type { IntervalKind } from '@/api/generated/types.gen';
import { intervalWords } from '../wording';

/** What the strip on a card means; says nothing while no outcome is known. */
export function MapLegend({ interval }: { interval: IntervalKind | null }) {
  if (interval === null) return <span />;
  return (
    <ul
      aria-label="Legend"
      className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-0.5 py-1 text-caption text-t3"
    >
      <Entry words={`Range of ${intervalWords(interval)}`}>
        <rect x={1} y={4} width={18} height={8} rx={1.5} fill="var(--color-accent)" opacity={0.4} />
      </Entry>
      <Entry words="Median">
        <line x1={10} x2={10} y1={2} y2={14} stroke="var(--color-accent)" strokeWidth={2} />
      </Entry>
      <Entry words="Baseline">
        <line
          x1={10}
          x2={10}
          y1={0}
          y2={16}
          stroke="var(--color-baseline)"
          strokeWidth={1.5}
          strokeDasharray="3 2"
        />
      </Entry>
    </ul>
  );
}

function Entry({ words, children }: { words: string; children: React.ReactNode }) {
  return (
    <li className="flex items-center gap-1.5">
      <svg aria-hidden="true" width={20} height={16}>
        {children}
      </svg>
      {words}
    </li>
  );
}
