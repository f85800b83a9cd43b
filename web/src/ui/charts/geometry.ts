/** Chart geometry: axes that say when they are cut, and paths that break where nothing happened. */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';

/** null: nothing happened at that tick. It is drawn as a gap, never bridged. */
export type Gapped = readonly (number | null)[];

export interface BandSeries {
  low: Gapped;
  q25: Gapped;
  median: Gapped;
  q75: Gapped;
  high: Gapped;
}

export interface ValueAxis {
  from: number;
  to: number;
  /** Zero lies outside: the axis carries a break mark. */
  truncated: boolean;
  ticks: number[];
  /** Distance between ticks, which decides how many digits they need. */
  step: number;
}

/** Writes a value; `width` is that of the interval or axis step it belongs to. */
export type WriteValue = (value: number, width: number) => string;

/** Ticks lie on round numbers: the width that shows all digits of a share or of points. */
export function writeTick(
  write: WriteValue,
  value: number,
  valueAxis: Pick<ValueAxis, 'step'>,
): string {
  const { step } = valueAxis;
  return write(value, step < 0.01 ? step : 2 * step);
}

function bounds(values: Iterable<number | null>): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

function axis(from: number, to: number, count: number): ValueAxis {
  const scale = scaleLinear([from, to], [0, 1]).nice(count);
  const [start = from, end = to] = scale.domain();
  const ticks = scale.ticks(count);
  const step = (ticks[1] ?? end) - (ticks[0] ?? start);
  return { from: start, to: end, truncated: start > 0 || end < 0, ticks, step };
}

/** An axis for shares: from zero unless the data sit so far above it that nothing would be seen. */
export function shareAxis(values: Iterable<number | null>, count = 4): ValueAxis {
  const [low, high] = bounds(values) ?? [0, 1];
  const room = Math.max((high - low) * 0.12, 0.0005);
  const cut = low - room > 0.45 * high;
  const nice = axis(cut ? low - room : 0, high + room, count);
  const to = Math.min(nice.to, Math.max(1, high));
  return { ...nice, to, ticks: nice.ticks.filter((tick) => tick <= to) };
}

/** An axis for means in a unit of their own: zero stays on it unless nothing would be seen. */
export function meanAxis(values: Iterable<number | null>, count = 4): ValueAxis {
  const [low, high] = bounds(values) ?? [0, 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.05 || 0.5;
  const isFar = low - room > 0.45 * high || high + room < 0.45 * low;
  const from = low < 0 || isFar ? low - room : 0;
  const to = high > 0 || isFar ? high + room : 0;
  return axis(from, to, count);
}

/** An axis for differences; zero is always on it. */
export function differenceAxis(values: Iterable<number | null>, count = 4): ValueAxis {
  const [low, high] = bounds(values) ?? [-0.01, 0.01];
  const room = Math.max((high - low) * 0.08, 0.0005);
  const [from, to] = [Math.min(0, low - room), Math.max(0, high + room)];
  // Not rounded outwards: the ranges may use all the room there is.
  const ticks = scaleLinear([from, to], [0, 1]).ticks(count);
  return { from, to, truncated: false, ticks, step: (ticks[1] ?? to) - (ticks[0] ?? from) };
}

/** Where a value lies on the axis, 0 … 100, for percentage coordinates. */
export function percentAlong(valueAxis: Pick<ValueAxis, 'from' | 'to'>, value: number): number {
  const span = valueAxis.to - valueAxis.from;
  if (span <= 0) return 50;
  return Math.min(100, Math.max(0, ((value - valueAxis.from) / span) * 100));
}

type Position = (value: number) => number;

interface Point {
  tick: number;
  value: number | null;
}

interface Slice {
  tick: number;
  low: number | null;
  high: number | null;
}

export function linePath(
  ticks: readonly number[],
  values: Gapped,
  x: Position,
  y: Position,
): string {
  const points = ticks.map((tick, index): Point => ({ tick, value: values[index] ?? null }));
  const draw = line<Point>()
    .defined((point) => point.value !== null)
    .x((point) => x(point.tick))
    .y((point) => y(point.value ?? 0));
  return draw(points) ?? '';
}

export function bandPath(
  ticks: readonly number[],
  low: Gapped,
  high: Gapped,
  x: Position,
  y: Position,
): string {
  const slices = ticks.map(
    (tick, index): Slice => ({ tick, low: low[index] ?? null, high: high[index] ?? null }),
  );
  const draw = area<Slice>()
    .defined((slice) => slice.low !== null && slice.high !== null)
    .x((slice) => x(slice.tick))
    .y0((slice) => y(slice.low ?? 0))
    .y1((slice) => y(slice.high ?? 0));
  return draw(slices) ?? '';
}

/** Indices of values between two gaps: a line through one point has no length, so they get a dot. */
export function isolatedPoints(values: Gapped): number[] {
  const known = (index: number) => (values[index] ?? null) !== null;
  return values.flatMap((_, index) =>
    known(index) && !known(index - 1) && !known(index + 1) ? [index] : [],
  );
}

/** Index of the tick nearest to a value of the x axis. */
export function nearestTick(ticks: readonly number[], at: number): number | null {
  let best: number | null = null;
  for (const tick of ticks) {
    if (best === null || Math.abs(tick - at) < Math.abs(best - at)) best = tick;
  }
  return best;
}

export interface DotPlace {
  value: number;
  column: number;
  row: number;
}

/**
 * Stacks equally likely values into columns one dot wide (a quantile dot plot). A column is centred
 * on the grid, so equal values always stack and no dot overlaps another.
 */
export function stackDots(
  values: readonly number[],
  valueAxis: Pick<ValueAxis, 'from' | 'to'>,
  columns: number,
): DotPlace[] {
  const heights = new Map<number, number>();
  return [...values]
    .sort((a, b) => a - b)
    .map((value) => {
      const along = percentAlong(valueAxis, value) / 100;
      const column = Math.min(columns - 1, Math.floor(along * columns));
      const row = heights.get(column) ?? 0;
      heights.set(column, row + 1);
      return { value, column, row };
    });
}

/** Moves labels apart so that none overlaps, each as near to its wish as its neighbours allow. */
export function spreadLabels(
  wishes: readonly number[],
  gap: number,
  from: number,
  to: number,
): number[] {
  const order = wishes.map((wish, index) => ({ wish, index })).sort((a, b) => a.wish - b.wish);
  const placed: number[] = [];
  let floor = from;
  for (const { wish } of order) {
    const at = Math.max(wish, floor);
    placed.push(at);
    floor = at + gap;
  }
  let ceiling = to;
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    const at = Math.min(placed[index] ?? ceiling, ceiling);
    placed[index] = at;
    ceiling = at - gap;
  }
  const result = new Array<number>(wishes.length).fill(0);
  order.forEach(({ index }, rank) => {
    result[index] = placed[rank] ?? 0;
  });
  return result;
}
