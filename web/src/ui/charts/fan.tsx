import { scaleLinear } from 'd3-scale';
import { type PointerEvent, useRef } from 'react';
import {
  type BandSeries,
  bandPath,
  type Gapped,
  isolatedPoints,
  linePath,
  nearestTick,
  spreadLabels,
  type ValueAxis,
  type WriteValue,
  writeTick,
} from './geometry';
import { BreakMark } from './interval-strip';
import { innerBand, outerBand, type Tone, toneColor } from './tones';
import { useWidth } from './use-width';

export interface FanSeries {
  label: string;
  band: BandSeries;
  tone: Tone;
  /** Single replicates, drawn instead of the bands when `spaghetti` is on. */
  replicates?: readonly Gapped[];
}

export interface FanEvent {
  label: string;
  tick: number;
}

interface FanProps {
  /** The finding in words. */
  name: string;
  ticks: readonly number[];
  /** What one tick is called; stands before the numbers of the lower axis. */
  across: string;
  /** Drawn in this order; the baseline comes first and is always dashed. */
  series: readonly FanSeries[];
  axis: ValueAxis;
  format: WriteValue;
  cursor?: number | null;
  onCursor?: (tick: number | null) => void;
  events?: readonly FanEvent[];
  spaghetti?: boolean;
  height?: number;
  /** Small multiples carry no direct labels: their caption names them. */
  directLabels?: boolean;
  /** Drawn inside, so that an exported picture keeps it. */
  caption?: string;
  /** Of the value axis, where its numbers do not carry it; drawn above them. */
  unit?: string;
}

const captionRoom = 18;
const unitRoom = 16;
/** Below this width direct labels stand closer to the edge. */
const narrow = 480;

/** Round steps of a clock: years of months and of quarters, quarters of weeks. */
const clockSteps: Record<string, readonly number[]> = {
  day: [2, 5, 10, 20, 50, 100],
  week: [2, 4, 13, 26, 52, 104],
  quarter: [2, 4, 8, 20, 40, 100],
};
const monthSteps = [3, 6, 12, 24, 60, 120];
const mostMarks = 6;

function tickStep(last: number, unit: string): number {
  const steps = clockSteps[unit] ?? monthSteps;
  return steps.find((step) => last / step <= mostMarks) ?? last;
}

const digitWidth = 6.7;

/** As wide as the longest number of the axis. */
function leftRoom(axis: ValueAxis, format: WriteValue): number {
  const longest = Math.max(0, ...axis.ticks.map((tick) => writeTick(format, tick, axis).length));
  return Math.max(46, Math.ceil(longest * digitWidth) + 12);
}

/** Series over ticks with the ranges that hold 50 % and 90 % of the replicates. */
export function Fan(props: FanProps) {
  const { name, ticks, across, series, axis, format, cursor = null, onCursor, events = [] } = props;
  const { spaghetti = false, height = 240, directLabels = true, caption, unit } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const room = {
    left: leftRoom(axis, format),
    right: directLabels ? (width < narrow ? 72 : 104) : 10,
    top:
      (events.length > 0 ? 20 : 8) +
      (caption === undefined ? 0 : captionRoom) +
      (unit === undefined ? 0 : unitRoom),
    bottom: 24,
  };
  const first = ticks[0] ?? 0;
  const last = ticks.at(-1) ?? 1;
  const x = scaleLinear([first, Math.max(last, first + 1)], [room.left, width - room.right]);
  const y = scaleLinear([axis.from, axis.to], [height - room.bottom, room.top]);
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onCursor?.(nearestTick(ticks, x.invert(event.clientX - box.left)));
  };
  return (
    <div ref={frame}>
      <svg
        role="img"
        aria-label={name}
        width={width}
        height={height}
        className="block select-none"
        onPointerMove={move}
        onPointerLeave={() => onCursor?.(null)}
      >
        <FanHead caption={caption} unit={unit} />
        <ValueGrid axis={axis} format={format} y={y} left={room.left} right={width - room.right} />
        <TickAxis unit={across} first={first} last={last} x={x} bottom={height - room.bottom} />
        {events.map((event) => (
          <EventFlag
            key={`${event.tick}-${event.label}`}
            event={event}
            x={x(event.tick)}
            top={room.top}
            bottom={height - room.bottom}
          />
        ))}
        {series.map((entry) => (
          <SeriesShape
            key={entry.label}
            entry={entry}
            ticks={ticks}
            x={x}
            y={y}
            spaghetti={spaghetti}
          />
        ))}
        {cursor !== null && (
          <CursorLine x={x(cursor)} top={room.top} bottom={height - room.bottom} />
        )}
        {directLabels && (
          <DirectLabels
            series={series}
            format={format}
            x={width - room.right + 8}
            y={y}
            top={room.top + 6}
            bottom={height - room.bottom}
          />
        )}
      </svg>
    </div>
  );
}

type FanHeadProps = Pick<FanProps, 'caption' | 'unit'>;

/** What stands above the drawing: its caption, and the unit of the value axis. */
function FanHead({ caption, unit }: FanHeadProps) {
  return (
    <>
      {caption !== undefined && (
        <text x={0} y={14} fill="var(--color-t1)" fontSize={13}>
          {caption}
        </text>
      )}
      {unit !== undefined && (
        <text
          data-part="unit"
          x={0}
          y={(caption === undefined ? 0 : captionRoom) + 11}
          fill="var(--color-t3)"
          fontSize={11}
        >
          {unit}
        </text>
      )}
    </>
  );
}

interface CursorLineProps {
  x: number;
  top: number;
  bottom: number;
}

function CursorLine({ x, top, bottom }: CursorLineProps) {
  return <line data-part="cursor" x1={x} x2={x} y1={top} y2={bottom} stroke="var(--color-t2)" />;
}

type Place = (value: number) => number;

interface ShapeProps {
  entry: FanSeries;
  ticks: readonly number[];
  x: Place;
  y: Place;
  spaghetti: boolean;
}

function SeriesShape({ entry, ticks, x, y, spaghetti }: ShapeProps) {
  const { band, tone, replicates = [] } = entry;
  const color = toneColor[tone];
  const asLines = spaghetti && replicates.length > 0;
  const dash = tone === 'baseline' ? '5 4' : undefined;
  return (
    <g data-part={tone === 'baseline' ? 'baseline' : 'series'}>
      {asLines ? (
        replicates.map((replicate, index) => (
          <path
            // biome-ignore lint/suspicious/noArrayIndexKey: a replicate is its index
            key={index}
            data-part="replicate"
            d={linePath(ticks, replicate, x, y)}
            fill="none"
            stroke={color}
            strokeOpacity={0.45}
          />
        ))
      ) : (
        <>
          <path
            data-part="band-90"
            d={bandPath(ticks, band.low, band.high, x, y)}
            fill={color}
            fillOpacity={outerBand}
          />
          <path
            data-part="band-50"
            d={bandPath(ticks, band.q25, band.q75, x, y)}
            fill={color}
            fillOpacity={innerBand}
          />
        </>
      )}
      <path
        data-part="median"
        d={linePath(ticks, band.median, x, y)}
        fill="none"
        stroke={color}
        strokeWidth={2}
        strokeDasharray={dash}
        strokeLinejoin="round"
      />
      {isolatedPoints(band.median).map((index) => (
        <circle
          key={index}
          data-part="isolated"
          cx={x(ticks[index] ?? 0)}
          cy={y(band.median[index] ?? 0)}
          r={2.5}
          fill={color}
        />
      ))}
    </g>
  );
}

interface ValueGridProps {
  axis: ValueAxis;
  format: WriteValue;
  y: Place;
  left: number;
  right: number;
}

function ValueGrid({ axis, format, y, left, right }: ValueGridProps) {
  return (
    <g data-part="value-axis">
      {axis.ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={left}
            x2={right}
            y1={y(tick)}
            y2={y(tick)}
            stroke={tick === 0 ? 'var(--color-edge)' : 'var(--color-line)'}
          />
          <text
            x={left - 8}
            y={y(tick) + 4}
            textAnchor="end"
            fill="var(--color-t3)"
            fontSize={11}
            fontFamily="var(--font-mono)"
          >
            {writeTick(format, tick, axis)}
          </text>
        </g>
      ))}
      {axis.truncated && <BreakMark x={left} y={y(axis.from) - 6} vertical />}
    </g>
  );
}

interface TickAxisProps {
  unit: string;
  first: number;
  last: number;
  x: Place;
  bottom: number;
}

function TickAxis({ unit, first, last, x, bottom }: TickAxisProps) {
  const step = tickStep(last, unit);
  const marks: number[] = [];
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) marks.push(tick);
  return (
    <g data-part="tick-axis" fill="var(--color-t3)" fontSize={11}>
      <text x={x(first) - 8} y={bottom + 18} textAnchor="end">
        {unit}
      </text>
      {marks.map((tick) => (
        <text
          key={tick}
          x={x(tick)}
          y={bottom + 18}
          textAnchor="middle"
          fontFamily="var(--font-mono)"
        >
          {tick}
        </text>
      ))}
    </g>
  );
}

interface EventFlagProps {
  event: FanEvent;
  x: number;
  top: number;
  bottom: number;
}

function EventFlag({ event, x, top, bottom }: EventFlagProps) {
  return (
    <g data-part="event">
      <title>{event.label}</title>
      <line x1={x} x2={x} y1={top} y2={bottom} stroke="var(--color-accent)" strokeDasharray="1 3" />
      <path d={`M${x - 4} ${top - 9}h8l-4 7z`} fill="var(--color-accent)" />
    </g>
  );
}

/** The last tick with a value, and how wide its interval is. */
function lastValue({ median, low, high }: BandSeries): { median: number; width: number } | null {
  const index = median.findLastIndex((value) => value !== null);
  const value = median[index] ?? null;
  if (value === null) return null;
  return { median: value, width: (high[index] ?? value) - (low[index] ?? value) };
}

interface DirectLabelsProps {
  series: readonly FanSeries[];
  format: WriteValue;
  x: number;
  y: Place;
  top: number;
  bottom: number;
}

function DirectLabels({ series, format, x, y, top, bottom }: DirectLabelsProps) {
  const ends = series.map((entry) => lastValue(entry.band));
  const wishes = ends.map((end) => (end === null ? bottom : y(end.median) + 4));
  const places = spreadLabels(wishes, 28, top, bottom - 12);
  return (
    <g data-part="labels" fontSize={11}>
      {series.map((entry, index) => {
        const end = ends[index] ?? null;
        if (end === null) return null;
        return (
          <text key={entry.label} x={x} y={places[index]} fill={toneColor[entry.tone]}>
            <tspan fontFamily="var(--font-mono)">{format(end.median, end.width)}</tspan>
            <tspan x={x} dy={13} fill="var(--color-t2)">
              {entry.label}
            </tspan>
          </text>
        );
      })}
    </g>
  );
}
