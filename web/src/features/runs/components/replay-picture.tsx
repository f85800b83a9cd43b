import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { FrameLayout, Run, Telemetry } from '@/api/generated/types.gen';
import { count, moment } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { ErrorState, Loading } from '@/ui/states';
import { frameOptions } from '../queries';
import { arrange, type Groups } from '../replay/arrange';
import type { ReplayNames } from '../replay/names';
import { decodeBytes } from '../replay/paint';
import type { FrameNow } from '../replay/playback';
import { stockReading } from '../replay/series';
import type { ReplaySearch } from '../search';
import { stateWord } from '../terms';
import { PersonaBlocks } from './persona-blocks';
import { PersonaPanel } from './persona-panel';
import { Legend, seriesTokens } from './replay-legend';

interface ReplayPictureProps {
  run: Run;
  telemetry: Telemetry;
  layout: FrameLayout;
  names: ReplayNames;
  search: ReplaySearch;
  tick: number;
  frame: FrameNow;
  /** What happened in the tick that is shown. */
  note: string;
}

/** Every persona as a pixel, coloured by its state or by whether it has just changed. */
export function ReplayPicture(props: ReplayPictureProps) {
  const { run, telemetry, layout, names, search, tick, frame, note } = props;
  const { terms } = names;
  const [persona, setPersona] = useState<number | null>(null);
  const start = useQuery(frameOptions(run.id, 0));
  const { region, segment, layer = 'state' } = search;
  const groups = useMemo(() => readGroups(layout), [layout]);
  const blocks = useMemo(() => {
    if (!start.data) return [];
    return arrange(groups, decodeBytes(start.data.choices_base64), { region, segment });
  }, [groups, start.data, region, segment]);
  const alternatives = start.data?.alternatives ?? [];
  const tokens = seriesTokens(alternatives, names.outcome);
  return (
    <>
      <Legend
        alternatives={alternatives}
        tokens={tokens}
        label={names.label}
        reading={(name) => stockReading(telemetry, name, tick)}
        layer={layer}
        terms={terms}
      />
      {frame.error ? <ErrorState problem={toProblem(frame.error)} onRetry={frame.retry} /> : null}
      {blocks.length > 0 ? (
        <PersonaBlocks
          blocks={blocks}
          frame={frame.pair}
          layer={layer}
          stateTokens={tokens}
          label={names.label}
          onPersona={setPersona}
          name={`${count(layout.personas)} personas by region and segment, coloured by ${stateWord(terms)}, ${moment(tick, terms.unit)}. ${note}`}
        />
      ) : (
        <Loading rows={8} />
      )}
      <p className="text-caption text-t3">
        One pixel is one persona and stays at its place. Within a segment they are sorted by their
        first {stateWord(terms)}. The picture shows replicate 1 of {telemetry.interval.replicates},
        the shares are over all of them. Click a pixel to see who it is.
      </p>
      <PersonaPanel {...{ run, names, persona, events: telemetry.events }} onPersona={setPersona} />
    </>
  );
}

function readGroups(layout: FrameLayout): Groups {
  return {
    regions: layout.regions,
    segments: layout.segments,
    region: decodeBytes(layout.region_base64),
    segment: decodeBytes(layout.segment_base64),
  };
}
