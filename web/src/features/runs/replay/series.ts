/** Finds stored series and reads them at a tick. */
import type { Telemetry } from '@/api/generated/types.gen';
import { shareRange } from '@/lib/format';

export type Series = Telemetry['series'][number];

export function pickSeries(
  telemetry: Telemetry,
  alternative: string,
  metric: Series['metric'],
): Series | undefined {
  return telemetry.series.find(
    (entry) => entry.alternative === alternative && entry.metric === metric && isEveryone(entry),
  );
}

export function isEveryone({ segment, region }: Pick<Series, 'segment' | 'region'>): boolean {
  return segment === null && region === null;
}

export function rangeAt(telemetry: Telemetry, series: Series, tick: number): string {
  const index = telemetry.ticks.indexOf(tick);
  const low = series.band.low[index] ?? null;
  return low === null ? 'nobody chose' : shareRange(low, series.band.high[index]);
}

export function stockReading(telemetry: Telemetry, name: string, tick: number): string {
  const series = pickSeries(telemetry, name, 'stock_share');
  return series ? rangeAt(telemetry, series, tick) : '';
}
