import { useRef } from 'react';
import { percentAlong, stackDots, type ValueAxis, type WriteValue, writeTick } from './geometry';
import { BreakMark, type Interval } from './interval-strip';
import { type Tone, toneColor } from './tones';
import { useWidth } from './use-width';

interface QuantileDotsProps {
  /** The finding in words, such as "13 of 20 beat the baseline". */
  name: string;
  /** Equally likely values as the server stores them. */
  dots: readonly number[];
  axis: ValueAxis;
  format: WriteValue;
  tone?: Tone;
  baseline?: Interval | null;
  /** Dots above are filled, the others hollow; default: the median of the baseline. */
  threshold?: number | null;
  height?: number;
}

const largestDot = 11;
const smallestDot = 4;
const axisHeight = 20;
/** Half of one digit of a tick label, so that none is cut at the edge. */
const halfDigit = 3.4;

/** The widest dots whose tallest stack still fits. */
function fitDots(values: readonly number[], axis: ValueAxis, width: number, height: number) {
  for (let size = largestDot; ; size -= 1) {
    const columns = Math.max(1, Math.floor(width / size));
    const places = stackDots(values, axis, columns);
    const tallest = 1 + Math.max(0, ...places.map((place) => place.row));
    if (tallest * size <= height || size <= smallestDot) return { size, columns, places };
  }
}

/** Twenty equally likely futures as twenty dots that can be counted. */
export function QuantileDots({
  name,
  dots,
  axis,
  format,
  tone = 'accent',
  baseline,
  threshold = baseline?.median ?? null,
  height = 96,
}: QuantileDotsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, 320);
  const plot = height - axisHeight;
  const { size, columns, places } = fitDots(dots, axis, width, plot - 4);
  const across = width / columns;
  const x = (value: number) => (percentAlong(axis, value) / 100) * width;
  return (
    <div ref={frame}>
      <svg role="img" aria-label={name} width={width} height={height} className="block">
        {baseline && (
          <g data-part="baseline">
            <rect
              x={x(baseline.low)}
              width={Math.max(1, x(baseline.high) - x(baseline.low))}
              y={0}
              height={plot}
              fill="var(--color-baseline)"
              fillOpacity={0.18}
            />
            <line
              x1={x(baseline.median)}
              x2={x(baseline.median)}
              y1={0}
              y2={plot}
              stroke="var(--color-baseline)"
              strokeWidth={1.5}
              strokeDasharray="4 3"
            />
          </g>
        )}
        {places.map(({ value, column, row }) => {
          const filled = threshold === null || value > threshold;
          return (
            <circle
              key={`${column}-${row}`}
              data-part={filled ? 'dot-above' : 'dot-below'}
              cx={(column + 0.5) * across}
              cy={plot - (row + 0.5) * size - 1}
              r={size / 2 - 1}
              fill={filled ? toneColor[tone] : 'none'}
              stroke={filled ? toneColor[tone] : 'var(--color-t3)'}
              strokeWidth={1.25}
            />
          );
        })}
        <line x1={0} x2={width} y1={plot} y2={plot} stroke="var(--color-line)" />
        {axis.truncated && <BreakMark x={4} y={plot} />}
        {axis.ticks.map((tick) => {
          const label = writeTick(format, tick, axis);
          const room = halfDigit * label.length;
          return (
            <text
              key={tick}
              x={Math.min(width - room, Math.max(room, x(tick)))}
              y={height - 5}
              textAnchor="middle"
              fill="var(--color-t3)"
              fontSize={11}
              fontFamily="var(--font-mono)"
            >
              {label}
            </text>
          );
        })}
      </svg>
    </div>
  );
}
