import { useState } from 'react';
import type { LevelSeries, Telemetry } from '@/api/generated/types.gen';
import { amountRange, axisUnit, moment, share } from '@/lib/format';
import { Fan, type FanEvent } from '@/ui/charts/fan';
import { meanAxis, shareAxis } from '@/ui/charts/geometry';
import { Panel } from '@/ui/panel';
import { rangeAt, type Series } from '../replay/series';
import { type Terms, wholeOf } from '../terms';
import { sentenceCase } from '../wording';

interface SeriesFanProps {
  terms: Terms;
  label: string;
  telemetry: Telemetry;
  series: Series;
  tick: number;
  events: readonly FanEvent[];
}

/** The outcome's share by one metric. */
export function SeriesFan({ terms, label, telemetry, series, tick, events }: SeriesFanProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const at = hovered ?? tick;
  const axis = shareAxis([...series.band.low, ...series.band.high]);
  const title = `share of ${wholeOf(series.metric, terms)}`;
  const reading = `${moment(at, terms.unit)}: ${rangeAt(telemetry, series, at)}`;
  return (
    <Panel title={`${sentenceCase(label)}, ${title}`} caption={reading}>
      <Fan
        name={`${label}, ${title}. ${reading}`}
        ticks={telemetry.ticks}
        across={terms.unit}
        axis={axis}
        format={share}
        cursor={at}
        onCursor={setHovered}
        events={events}
        height={180}
        directLabels={false}
        series={[{ label, band: series.band, tone: 'accent' }]}
      />
    </Panel>
  );
}

interface LevelFanProps extends Pick<SeriesFanProps, 'telemetry' | 'tick' | 'terms' | 'events'> {
  series: LevelSeries;
}

/** The mean of a level over everyone, in its unit. */
export function LevelFan({ telemetry, series, tick, terms, events }: LevelFanProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const at = hovered ?? tick;
  const { label, unit, band } = series;
  const index = telemetry.ticks.indexOf(at);
  const reading = `${moment(at, terms.unit)}: ${amountRange(band.low[index], band.high[index], unit)}`;
  return (
    <Panel title={`Mean ${label}`} caption={reading}>
      <Fan
        name={`Mean ${label}. ${reading}`}
        ticks={telemetry.ticks}
        across={terms.unit}
        axis={meanAxis([...band.low, ...band.high])}
        cursor={at}
        onCursor={setHovered}
        events={events}
        height={180}
        directLabels={false}
        {...axisUnit(unit)}
        series={[{ label, band, tone: 'accent' }]}
      />
    </Panel>
  );
}
