import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import type { FrameLayout } from '@/api/generated/types.gen';
import { moment } from '@/lib/format';
import { Button, IconButton } from '@/ui/button';
import type { ReplayNames } from '../replay/names';
import type { Layer } from '../replay/paint';
import type { Player } from '../replay/playback';
import { type ReplaySearch, replayLayers } from '../search';
import { stateWord, type Terms } from '../terms';
import { sentenceCase } from '../wording';

const speeds = [1, 2, 4, 8] as const;

interface ReplayControlsProps {
  player: Player;
  names: ReplayNames;
  layout: FrameLayout;
  search: ReplaySearch;
  /** What happened in the tick that is shown. */
  note: string;
  onSearch: (change: Partial<ReplaySearch>) => void;
}

/** Play, step, and what of the people is looked at. */
export function ReplayControls(props: ReplayControlsProps) {
  const { player, names, layout, search, note, onSearch } = props;
  const { unit } = names.terms;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <PlayButtons player={player} unit={unit} />
      <p className="min-w-28 font-mono text-section">{sentenceCase(moment(player.tick, unit))}</p>
      <p className="min-w-0 flex-1 basis-56 text-control text-t2">{note}</p>
      <div className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto">
        <Choice
          label="Speed"
          value={`${player.speed}`}
          options={speeds.map((speed) => ({
            value: `${speed}`,
            label: `${speed} ${unit}s a second`,
          }))}
          onValue={(value) => player.setSpeed(Number(value))}
        />
        <Choice
          label="Layer"
          value={search.layer ?? 'state'}
          options={replayLayers.map((name) => ({
            value: name,
            label: layerLabel(name, names.terms),
          }))}
          onValue={(value) => onSearch({ layer: value === 'changed' ? 'changed' : undefined })}
        />
        <Choice
          label="Region"
          value={search.region ?? ''}
          options={groupOptions('All regions', layout.regions, names.label)}
          onValue={(value) => onSearch({ region: value })}
        />
        <Choice
          label="Segment"
          value={search.segment ?? ''}
          options={groupOptions('All segments', layout.segments, names.label)}
          onValue={(value) => onSearch({ segment: value })}
        />
      </div>
    </div>
  );
}

function PlayButtons({ player, unit }: { player: Player; unit: Terms['unit'] }) {
  return (
    <div className="flex items-center gap-1">
      <IconButton label={`One ${unit} back`} onClick={() => player.step(-1)}>
        <ChevronLeft aria-hidden size={16} />
      </IconButton>
      <Button variant="primary" onClick={player.toggle} aria-keyshortcuts="Space">
        {player.playing ? <Pause aria-hidden size={16} /> : <Play aria-hidden size={16} />}
        {player.playing ? 'Pause' : 'Play'}
      </Button>
      <IconButton label={`One ${unit} on`} onClick={() => player.step(1)}>
        <ChevronRight aria-hidden size={16} />
      </IconButton>
    </div>
  );
}

function layerLabel(layer: Layer, terms: Terms): string {
  return layer === 'state' ? `Current ${stateWord(terms)}` : `Changed this ${terms.unit}`;
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onValue: (value: string) => void;
}

function Choice({ label, value, options, onValue }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
      className="h-8 min-w-0 rounded-md border border-edge bg-bg px-2 text-control text-t1 sm:max-w-44"
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

function groupOptions(all: string, groups: readonly string[], label: (name: string) => string) {
  return [
    { value: '', label: all },
    ...groups.map((name) => ({ value: name, label: sentenceCase(label(name)) })),
  ];
}
