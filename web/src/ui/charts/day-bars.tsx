import { scaleBand, scaleLinear } from 'd3-scale';
import { useRef } from 'react';
import { useWidth } from './use-width';

export interface DayBar {
  /** ISO date. */
  day: string;
  /** From the bottom up. */
  parts: readonly { count: number; color: string }[];
}

interface DayBarsProps {
  /** The finding, read instead of the picture. */
  name: string;
  bars: readonly DayBar[];
  height?: number;
}

const foot = 18;

/** As wide as a bar gets where there are few. */
const widest = 24;

/** Counts by day, from zero. */
export function DayBars({ name, bars, height = 96 }: DayBarsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const totals = bars.map(({ parts }) => parts.reduce((sum, part) => sum + part.count, 0));
  const x = scaleBand(
    bars.map(({ day }) => day),
    [0, width],
  ).padding(0.2);
  const y = scaleLinear([0, Math.max(1, ...totals)], [0, height - foot]);
  const last = bars.at(-1);
  const size = Math.min(widest, x.bandwidth());
  return (
    <div ref={frame}>
      <svg role="img" aria-label={name} width={width} height={height} className="block">
        {bars.map(({ day, parts }) => {
          let under = 0;
          const left = (x(day) ?? 0) + (x.bandwidth() - size) / 2;
          return parts.map(({ count, color }) => {
            under += y(count);
            return (
              <rect
                key={`${day} ${color}`}
                x={left}
                y={height - foot - under}
                width={size}
                height={y(count)}
                fill={color}
              />
            );
          });
        })}
        <g className="fill-t3 font-mono text-caption">
          <text x={0} y={height - 4}>
            {bars[0]?.day}
          </text>
          {bars.length > 1 ? (
            <text x={width} y={height - 4} textAnchor="end">
              {last?.day}
            </text>
          ) : null}
        </g>
      </svg>
    </div>
  );
}
