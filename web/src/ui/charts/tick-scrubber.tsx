import { scaleLinear } from 'd3-scale';
import { useRef } from 'react';
import { type BandSeries, bandPath, linePath, type ValueAxis } from './geometry';
import { outerBand } from './tones';
import { useWidth } from './use-width';

interface TickScrubberProps {
  label: string;
  /** The tick in words, read to screen readers with every step. */
  valueText: string;
  ticks: readonly number[];
  tick: number;
  onTick: (tick: number) => void;
  band: BandSeries;
  axis: ValueAxis;
  color: string;
  events: readonly { label: string; tick: number }[];
  height?: number;
}

const inset = 8;
const eventRoom = 14;

/** A slider whose track is the outcome itself, with events as marks. */
export function TickScrubber(props: TickScrubberProps) {
  const { label, valueText, ticks, tick, onTick, band, axis, color, events, height = 72 } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const first = ticks[0] ?? 0;
  const last = Math.max(first + 1, ticks.at(-1) ?? 1);
  const x = scaleLinear([first, last], [inset, width - inset]);
  const y = scaleLinear([axis.from, axis.to], [height - 6, eventRoom]);
  return (
    <div
      ref={frame}
      className="relative rounded-md bg-s2 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
    >
      <svg aria-hidden="true" width={width} height={height} className="block">
        <path d={bandPath(ticks, band.low, band.high, x, y)} fill={color} fillOpacity={outerBand} />
        <path d={linePath(ticks, band.median, x, y)} fill="none" stroke={color} strokeWidth={2} />
        {events.map((event) => (
          <g key={`${event.tick}-${event.label}`}>
            <title>{event.label}</title>
            <path d={`M${x(event.tick) - 4} 2h8l-4 7z`} fill="var(--color-accent)" />
            <line
              x1={x(event.tick)}
              x2={x(event.tick)}
              y1={9}
              y2={height}
              stroke="var(--color-accent)"
              strokeDasharray="1 3"
            />
          </g>
        ))}
        <line
          x1={x(tick)}
          x2={x(tick)}
          y1={4}
          y2={height}
          stroke="var(--color-t1)"
          strokeWidth={2}
        />
        <rect
          x={x(tick) - 5}
          y={height - 14}
          width={10}
          height={14}
          rx={2}
          fill="var(--color-t1)"
        />
      </svg>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={valueText}
        min={first}
        max={last}
        step={1}
        value={tick}
        onChange={(event) => onTick(Number(event.currentTarget.value))}
        className="absolute inset-0 m-0 h-full w-full cursor-ew-resize opacity-0"
      />
    </div>
  );
}
