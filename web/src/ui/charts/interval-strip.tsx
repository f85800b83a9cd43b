import { percentAlong, type ValueAxis } from './geometry';
import { type Tone, toneColor } from './tones';

export interface Interval {
  low: number;
  median: number;
  high: number;
}

interface IntervalStripProps extends Interval {
  /** The finding in words; empty when the same words stand beside the strip. */
  name: string;
  axis: Pick<ValueAxis, 'from' | 'to' | 'truncated'>;
  tone?: Tone;
  /** Drawn grey and dashed on the same axis. */
  baseline?: Interval | null;
  /** A reference line, such as zero on an axis of differences. */
  reference?: number;
  height?: number;
}

/** One value as the range that holds it, its median as a tick, the baseline behind it. */
export function IntervalStrip({
  name,
  axis,
  low,
  median,
  high,
  tone = 'accent',
  baseline,
  reference,
  height = 16,
}: IntervalStripProps) {
  const at = (value: number) => `${percentAlong(axis, value)}%`;
  const width = (from: number, to: number) =>
    `${Math.max(0, percentAlong(axis, to) - percentAlong(axis, from))}%`;
  const middle = height / 2;
  const labelled = name === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden beside the same words
    <svg {...labelled} width="100%" height={height} className="block overflow-visible">
      <line x1="0" x2="100%" y1={middle} y2={middle} stroke="var(--color-line)" />
      {axis.truncated && <BreakMark x={3} y={middle} />}
      {reference !== undefined && (
        <line x1={at(reference)} x2={at(reference)} y1={0} y2={height} stroke="var(--color-edge)" />
      )}
      {baseline && (
        <g data-part="baseline">
          <rect
            x={at(baseline.low)}
            width={width(baseline.low, baseline.high)}
            y={middle - 2}
            height={4}
            fill="var(--color-baseline)"
            fillOpacity={0.35}
          />
          <line
            x1={at(baseline.median)}
            x2={at(baseline.median)}
            y1={0}
            y2={height}
            stroke="var(--color-baseline)"
            strokeWidth={1.5}
            strokeDasharray="3 2"
          />
        </g>
      )}
      <rect
        x={at(low)}
        width={width(low, high)}
        y={middle - 4}
        height={8}
        rx={1.5}
        fill={toneColor[tone]}
        fillOpacity={0.4}
      />
      <line
        x1={at(median)}
        x2={at(median)}
        y1={middle - 6}
        y2={middle + 6}
        stroke={toneColor[tone]}
        strokeWidth={2}
      />
    </svg>
  );
}

/** Says that zero lies outside the axis. */
export function BreakMark({
  x,
  y,
  vertical = false,
}: {
  x: number;
  y: number;
  vertical?: boolean;
}) {
  const d = vertical ? 'M-4 3 L4 0 M-4 -1 L4 -4' : 'M-3 4 L0 -4 M1 4 L4 -4';
  return (
    <path
      data-part="axis-break"
      d={d}
      transform={`translate(${x} ${y})`}
      stroke="var(--color-t3)"
      strokeWidth={1.25}
      fill="none"
    />
  );
}
