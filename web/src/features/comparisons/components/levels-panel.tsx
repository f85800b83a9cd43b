import { useState } from 'react';
import type { LevelDifference, NamedGroup, NamedLevel } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import { intervalWords } from '@/features/universe';
import {
  amountChange,
  amountRange,
  amountSigned,
  during,
  list,
  moment,
  stepUnit,
} from '@/lib/format';
import { Fan, type FanEvent } from '@/ui/charts/fan';
import { Figure, FigureSelect } from '@/ui/charts/figure';
import { differenceAxis } from '@/ui/charts/geometry';
import { StripTable } from '@/ui/charts/strip-table';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { groupLabel, rowVerdict } from '../wording';
import { type Compared, nodeSides, type Sides } from './comparison-source';
import { comparedMean } from './outcome-drawing';

interface LevelsPanelProps {
  comparison: Compared;
  events: readonly FanEvent[];
  levels: readonly NamedLevel[];
  groups: readonly NamedGroup[];
  terms: Terms;
  sides?: Sides;
}

/** What everybody has on average: every level in its own unit, then one of them over time. */
export function LevelsPanel(props: LevelsPanelProps) {
  const { comparison, events, levels, groups, terms, sides = nodeSides } = props;
  const everyone = comparison.levels.filter((row) => row.segment === null && row.region === null);
  // The first that moved is what there is to see.
  const telling = everyone.find((row) => row.clear) ?? everyone[0];
  const [chosen, setChosen] = useState(telling?.name ?? '');
  const level = levels.find((entry) => entry.name === chosen) ?? levels[0];
  const first = everyone[0];
  if (!first || !level) return null;
  return (
    <Panel
      title={meansSentence(everyone)}
      caption={`Means over everyone ${during(first.difference.tick, first.difference.tick, terms.unit)}, ${intervalWords(first.difference.interval)}, paired`}
      flush
    >
      <DataTable
        caption="Means of every level"
        columns={columnsOf(sides)}
        rows={everyone}
        rowKey={(row) => row.name}
        isSelected={(row) => row.name === level.name}
      />
      <div className="grid gap-4 border-t border-line p-4">
        <LevelFigure
          comparison={comparison}
          events={events}
          level={level}
          terms={terms}
          sides={sides}
          controls={
            <FigureSelect label="Mean over time" value={level.name} onValue={setChosen}>
              {levels.map((entry) => (
                <option key={entry.name} value={entry.name}>
                  {sentenceCase(entry.label)}
                </option>
              ))}
            </FigureSelect>
          }
        />
        <LevelGroups comparison={comparison} level={level} groups={groups} sides={sides} />
      </div>
    </Panel>
  );
}

const columnsOf = (sides: Sides): Column<LevelDifference>[] => [
  {
    key: 'level',
    header: 'Mean',
    cell: ({ label, base, branch, unit }) => (
      <>
        {sentenceCase(label)}
        <span className="block font-mono text-caption text-t3 sm:hidden">
          {amountRange(base.low, base.high, unit)} → {amountRange(branch.low, branch.high, unit)}
        </span>
      </>
    ),
  },
  {
    key: 'base',
    header: sentenceCase(sides.base),
    numeric: true,
    className: 'max-sm:hidden',
    cell: ({ base, unit }) => amountRange(base.low, base.high, unit),
  },
  {
    key: 'branch',
    header: sentenceCase(sides.branch),
    numeric: true,
    className: 'max-sm:hidden',
    cell: ({ branch, unit }) => amountRange(branch.low, branch.high, unit),
  },
  {
    key: 'difference',
    header: 'Difference',
    numeric: true,
    cell: ({ difference, unit }) => amountChange(difference.low, difference.high, unit),
  },
  {
    key: 'verdict',
    header: 'Verdict',
    className: 'max-sm:hidden',
    cell: (row) => sides.verdicts[rowVerdict(row)],
  },
];

/** Which of the means moved, whatever their units. */
export function meansSentence(rows: readonly LevelDifference[]): string {
  const clear = rows.filter((row) => row.clear).map((row) => row.label);
  if (clear.length === 0) return 'No mean clearly differs';
  return `Mean ${list(clear)} clearly ${clear.length === 1 ? 'differs' : 'differ'}`;
}

interface LevelFigureProps {
  comparison: Compared;
  events: readonly FanEvent[];
  level: NamedLevel;
  terms: Terms;
  sides: Sides;
  controls: React.ReactNode;
}

function LevelFigure(props: LevelFigureProps) {
  const { comparison, events, level, terms, sides, controls } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const drawing = comparedMean(comparison, level, terms, sides);
  if (!drawing) return null;
  const { sentence, name, read, fileName, provenance, table, ...chart } = drawing;
  const at = cursor === null ? -1 : chart.ticks.indexOf(cursor);
  return (
    <Figure
      stacked
      title={sentence}
      note={
        at < 0
          ? `Point at a ${terms.unit} to read it here.`
          : `${sentenceCase(moment(cursor ?? 0, terms.unit))}: ${read(at)}`
      }
      fileName={fileName}
      provenance={provenance}
      table={table}
      controls={controls}
    >
      <Fan
        name={name}
        across={terms.unit}
        height={220}
        cursor={cursor}
        onCursor={setCursor}
        events={events}
        {...chart}
      />
    </Figure>
  );
}

interface LevelGroupsProps {
  comparison: Compared;
  level: NamedLevel;
  groups: readonly NamedGroup[];
  sides: Sides;
}

/** The same difference in each segment and region, the most affected first, on one axis. */
function LevelGroups({ comparison, level, groups, sides }: LevelGroupsProps) {
  const rows = comparison.levels
    .filter((row) => row.name === level.name && (row.segment !== null || row.region !== null))
    .sort((a, b) => Math.abs(b.difference.median) - Math.abs(a.difference.median));
  if (rows.length === 0) return null;
  const unit = level.unit === '1' ? '' : `, ${stepUnit(level.unit)}`;
  const factor = level.unit === 'share' ? 100 : 1;
  return (
    <StripTable
      caption={`Difference of mean ${level.label} by segment and region`}
      labelHeader="Segment or region"
      valueHeader={`Difference${unit}`}
      axis={differenceAxis(rows.flatMap((row) => [row.difference.low, row.difference.high]))}
      format={(value, width) => amountSigned(factor * value, factor * width)}
      reference={0}
      rows={rows.map((row) => ({
        id: `${row.segment ?? ''}-${row.region ?? ''}`,
        label: (
          <>
            {sentenceCase(groupLabel(groups, row.segment ?? row.region ?? ''))}
            <span className="block text-caption text-t3">{row.segment ? 'Segment' : 'Region'}</span>
          </>
        ),
        ...row.difference,
        text: amountChange(row.difference.low, row.difference.high, row.unit),
        verdict: sides.verdicts[rowVerdict(row)],
        tone: rowVerdict(row),
      }))}
    />
  );
}
