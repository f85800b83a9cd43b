import { useState } from 'react';
import type { Comparison, NamedGroup, ShareDifference } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import { medianShare } from '@/features/universe';
import { points, pointsRange, share } from '@/lib/format';
import { Figure, FigureSelect, type FigureTable } from '@/ui/charts/figure';
import { differenceAxis } from '@/ui/charts/geometry';
import { type StripRow, StripTable } from '@/ui/charts/strip-table';
import { Panel } from '@/ui/panel';
import { groupLabel, rowVerdict, verdictsAgainst } from '../wording';
import { comparisonFile, comparisonSource } from './comparison-source';

/** A direction is claimed only where an interval leaves out zero. */
export function groupFinding(
  sorted: readonly ShareDifference[],
  name: (row: ShareDifference) => string,
): string {
  if (sorted.length === 0) return 'no segment or region was compared';
  const first = sorted.find((row) => row.clear);
  return first ? `${name(first)} changes most` : 'no segment or region clearly changes';
}

interface GroupPanelProps {
  comparison: Comparison;
  outcome: string;
  groups: readonly NamedGroup[];
  terms: Terms;
}

/** Segments and regions, the most affected first. */
export function GroupPanel({ comparison, outcome, groups, terms }: GroupPanelProps) {
  const groupName = (row: ShareDifference) =>
    groupLabel(groups, row.segment ?? row.region ?? 'everyone');
  const [alternative, setAlternative] = useState(outcome);
  const rows = comparison.segments
    .filter((row) => row.alternative === alternative)
    .sort((a, b) => Math.abs(b.difference.median) - Math.abs(a.difference.median));
  if (comparison.segments.length === 0) return null;
  const axis = differenceAxis(rows.flatMap((row) => [row.difference.low, row.difference.high]));
  const label =
    comparison.alternatives.find((entry) => entry.name === alternative)?.label ?? alternative;
  const title = `${sentenceCase(label)}: ${groupFinding(rows, groupName)}`;
  return (
    <Panel>
      <Figure
        level={2}
        title={title}
        note="Segments and regions, sorted by the size of the difference."
        fileName={comparisonFile(comparison, `groups-${alternative}`)}
        provenance={comparisonSource(comparison, terms)}
        controls={
          <AlternativeSelect
            comparison={comparison}
            alternative={alternative}
            onAlternative={setAlternative}
          />
        }
        table={groupTable(rows, groupName)}
      >
        <StripTable
          caption={title}
          labelHeader="Segment or region"
          valueHeader="Difference"
          axis={axis}
          format={points}
          reference={0}
          rows={rows.map((row) => stripRow(row, groupName(row), comparison.base_label))}
        />
      </Figure>
    </Panel>
  );
}

interface AlternativeSelectProps {
  comparison: Comparison;
  alternative: string;
  onAlternative: (name: string) => void;
}

function AlternativeSelect({ comparison, alternative, onAlternative }: AlternativeSelectProps) {
  return (
    <FigureSelect
      label="Alternative of the segment table"
      value={alternative}
      onValue={onAlternative}
    >
      {comparison.alternatives.map((entry) => (
        <option key={entry.name} value={entry.name}>
          {sentenceCase(entry.label)}
        </option>
      ))}
    </FigureSelect>
  );
}

function groupTable(
  rows: readonly ShareDifference[],
  groupName: (row: ShareDifference) => string,
): FigureTable {
  return {
    columns: [
      'Group',
      'Kind',
      'Base median',
      'Branch median',
      'Difference low',
      'Difference median',
      'Difference high',
    ],
    rows: rows.map((row) => [
      groupName(row),
      row.segment ? 'segment' : 'region',
      row.base.median,
      row.branch.median,
      row.difference.low,
      row.difference.median,
      row.difference.high,
    ]),
    format: (value, column) => (column < 4 ? share(value, 0.01) : points(value, 0.01)),
  };
}

function stripRow(row: ShareDifference, name: string, baseLabel: string): StripRow {
  return {
    id: `${row.segment ?? ''}-${row.region ?? ''}`,
    label: (
      <>
        {sentenceCase(name)}
        <span className="block text-caption text-t3">
          {row.segment ? 'Segment' : 'Region'} ·{' '}
          <span className="font-mono">
            {medianShare(row.base)} → {medianShare(row.branch)}
          </span>
        </span>
      </>
    ),
    ...row.difference,
    text: pointsRange(row.difference.low, row.difference.high),
    verdict: verdictsAgainst(baseLabel)[rowVerdict(row)],
    tone: rowVerdict(row),
  };
}
