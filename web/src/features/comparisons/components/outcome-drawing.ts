/** What the outcome chart shows of a comparison or of the baseline: a share, or the mean of a level. */
import type { Band, Comparison, NamedLevel, Node, Telemetry } from '@/api/generated/types.gen';
import { type Metric, sentenceCase, type Terms, wholeOf } from '@/features/runs';
import { intervalWords } from '@/features/universe';
import {
  amount,
  amountChange,
  amountRange,
  axisUnit,
  during,
  pointsRange,
  share,
  shareRange,
  shortDigest,
} from '@/lib/format';
import type { FanEvent, FanSeries } from '@/ui/charts/fan';
import type { FigureTable } from '@/ui/charts/figure';
import { meanAxis, shareAxis, type ValueAxis, type WriteValue } from '@/ui/charts/geometry';
import type { Provenance } from '@/ui/export-figure';
import { comparedSentence, meanSentence, outcomeSentence, restingOn } from '../wording';
import {
  type Compared,
  comparisonFile,
  comparisonSource,
  intervalContent,
  nodeSides,
  type Sides,
  sourceOf,
} from './comparison-source';
import { meansTable, ticksTable } from './ticks-table';

/** One alternative's share by a metric, or one level's mean. */
export type Subject =
  | { kind: 'share'; metric: Metric; alternative: string; label: string; isOutcome: boolean }
  | { kind: 'mean'; level: NamedLevel };

/** On the map every node is measured against the baseline. */
const baselineSides: Sides = { ...nodeSides, base: 'baseline', reference: 'the baseline' };

export interface Drawing {
  sentence: string;
  /** Read instead of the picture. */
  name: string;
  /** The value at a tick, in words. */
  read: (index: number) => string;
  fileName: string;
  provenance: Provenance;
  table: FigureTable;
  ticks: readonly number[];
  series: readonly FanSeries[];
  axis: ValueAxis;
  format: WriteValue;
  unit?: string;
  /** Where a share was much higher in between than at the end, which its sentence is about. */
  peak?: string;
}

export function drawCompared(
  comparison: Comparison,
  subject: Subject,
  terms: Terms,
): Drawing | null {
  return subject.kind === 'share'
    ? comparedShare(comparison, subject, terms)
    : comparedMean(comparison, subject.level, terms);
}

export function drawBaseline(
  telemetry: Telemetry,
  root: Node,
  subject: Subject,
  terms: Terms,
): Drawing | null {
  return subject.kind === 'share'
    ? baselineShare(telemetry, root, subject, terms)
    : baselineMean(telemetry, subject.level, terms);
}

type ShareSubject = Extract<Subject, { kind: 'share' }>;

function comparedShare(
  comparison: Comparison,
  { alternative, label, isOutcome }: ShareSubject,
  terms: Terms,
): Drawing | null {
  const pair = comparison.series.find(
    (entry) => entry.metric === comparison.metric && entry.alternative === alternative,
  );
  const row = comparison.differences.find((entry) => entry.alternative === alternative);
  if (!pair || !row) return null;
  const called = sentenceCase(label);
  const sentence = isOutcome
    ? comparison.sentence
    : restingOn(comparison.basis, comparedSentence(row, called, terms));
  const at = (band: Band, index: number) => shareRange(band.low[index], band.high[index]);
  return {
    sentence,
    name: shareName(called, comparison.metric, sentence, terms),
    read: (index) =>
      `branch ${at(pair.branch, index)}, baseline ${at(pair.base, index)}, difference ${pointsRange(pair.difference.low[index], pair.difference.high[index])}`,
    fileName: comparisonFile(comparison, `outcome-${alternative}`),
    provenance: comparisonSource(comparison, terms),
    table: ticksTable(comparison, [pair], () => called, terms),
    ticks: comparison.ticks,
    ...(comparison.metric === 'stock_share'
      ? peakOf(comparison, [pair.branch, pair.base], terms)
      : {}),
    ...shareScale(pair.base, pair.branch),
  };
}

/** The mean of a level over everyone, both sides in the level's unit. */
export function comparedMean(
  comparison: Compared,
  level: NamedLevel,
  terms: Terms,
  names = baselineSides,
): Drawing | null {
  const pair = comparison.level_series.find((entry) => entry.name === level.name);
  const row = comparison.levels.find(
    (entry) => entry.name === level.name && entry.segment === null && entry.region === null,
  );
  if (!pair || !row) return null;
  const sentence = restingOn(comparison.basis, meanSentence(row, terms));
  const at = (band: Band, index: number) =>
    amountRange(band.low[index], band.high[index], level.unit);
  return {
    sentence,
    name: meanName(level, sentence, terms, names.reference),
    read: (index) =>
      `${names.branch} ${at(pair.branch, index)}, ${names.base} ${at(pair.base, index)}, difference ${amountChange(pair.difference.low[index], pair.difference.high[index], level.unit)}`,
    fileName: comparisonFile(comparison, `mean-${level.name}`),
    provenance: sourceOf(comparison, `mean ${level.label}`, terms, names),
    table: meansTable(comparison, pair, sentenceCase(level.label), terms, names),
    ticks: comparison.ticks,
    ...meanScale(level, pair.base, pair.branch, names),
  };
}

function baselineShare(
  telemetry: Telemetry,
  root: Node,
  { metric, alternative, label, isOutcome }: ShareSubject,
  terms: Terms,
): Drawing | null {
  const band = telemetry.series.find(
    (entry) =>
      entry.metric === metric &&
      entry.alternative === alternative &&
      entry.segment === null &&
      entry.region === null,
  )?.band;
  if (!band) return null;
  const called = sentenceCase(label);
  const told =
    isOutcome && root.outcome?.metric === metric
      ? outcomeSentence(root.outcome, `Baseline, ${label}`, terms)
      : lastShare(telemetry, band, label, metric, terms);
  const sentence = restingOn(telemetry.basis, told);
  return {
    sentence,
    name: shareName(called, metric, sentence, terms),
    read: (index) => `baseline ${shareRange(band.low[index], band.high[index])}`,
    fileName: `agentverse-outcome-${alternative}-${metric.replace('_', '-')}-${shortDigest(telemetry.digest, 8)}`,
    provenance: baselineSource(telemetry, wholeOf(metric, terms)),
    table: bandTable(telemetry.ticks, band, terms, (value) => share(value, 0.01)),
    ticks: telemetry.ticks,
    ...(metric === 'stock_share' ? peakOf(telemetry, [band], terms) : {}),
    ...shareScale(band),
  };
}

function baselineMean(telemetry: Telemetry, level: NamedLevel, terms: Terms): Drawing | null {
  const band = telemetry.levels.find(
    (entry) => entry.name === level.name && entry.segment === null && entry.region === null,
  )?.band;
  if (!band) return null;
  const { index, tick } = lastOf(telemetry, band);
  const range = amountRange(band.low[index], band.high[index], level.unit);
  const sentence = restingOn(
    telemetry.basis,
    `Baseline: mean ${level.label} ${during(tick, tick, terms.unit)} is ${range} (${intervalWords(telemetry.interval)}).`,
  );
  return {
    sentence,
    name: meanName(level, sentence, terms),
    read: (at) => `baseline ${amountRange(band.low[at], band.high[at], level.unit)}`,
    fileName: `agentverse-mean-${level.name}-${shortDigest(telemetry.digest, 8)}`,
    provenance: baselineSource(telemetry, `mean ${level.label}`),
    table: bandTable(telemetry.ticks, band, terms, (value) => amount(value, 0)),
    ticks: telemetry.ticks,
    ...meanScale(level, band),
  };
}

/** How far above both ends a median has to rise to be worth its own words. */
const muchHigher = 1.25;

/** "Highest median: 51 % on day 8, baseline 5 % on day 31." An epidemic is over at its end. */
function peakOf(
  { ticks }: Pick<Telemetry, 'ticks'>,
  bands: readonly Band[],
  { unit }: Terms,
): Pick<Drawing, 'peak'> {
  const tops = bands.map(({ median, low, high }) => {
    const values = median.map((value) => value ?? 0);
    const value = Math.max(...values);
    const at = values.indexOf(value);
    const tick = ticks[at] ?? 0;
    const width = (high[at] ?? value) - (low[at] ?? value);
    return {
      isMuch: value > muchHigher * Math.max(values[0] ?? 0, values.at(-1) ?? 0),
      words: `${share(value, width)} ${during(tick, tick, unit)}`,
    };
  });
  const [own, base] = tops;
  if (!own || !tops.some((top) => top.isMuch)) return {};
  return { peak: `Highest median: ${own.words}${base ? `, baseline ${base.words}` : ''}.` };
}

function shareScale(base: Band, branch?: Band) {
  const series = sides(base, branch);
  return { series, axis: shareAxis(ends(series)), format: share };
}

function meanScale(level: NamedLevel, base: Band, branch?: Band, names = baselineSides) {
  const series = sides(base, branch, names);
  return { series, axis: meanAxis(ends(series)), ...axisUnit(level.unit) };
}

/** The baseline is grey and dashed by its tone. */
function sides(base: Band, branch?: Band, names = baselineSides): FanSeries[] {
  const first: FanSeries = { label: names.base, band: base, tone: 'baseline' };
  return branch ? [first, { label: names.branch, band: branch, tone: 'accent' }] : [first];
}

function ends(series: readonly FanSeries[]): (number | null)[] {
  return series.flatMap(({ band }) => [...band.low, ...band.high]);
}

function shareName(label: string, metric: Metric, sentence: string, terms: Terms): string {
  return `${label}, share of ${wholeOf(metric, terms)} by ${terms.unit} against the baseline. ${sentence}`;
}

function meanName(
  level: NamedLevel,
  sentence: string,
  terms: Terms,
  reference = baselineSides.reference,
): string {
  return `Mean ${level.label} by ${terms.unit} against ${reference}. ${sentence}`;
}

function baselineSource({ basis, interval, digest }: Telemetry, what: string): Provenance {
  return [
    ['change', 'none: the baseline'],
    ['measure', what],
    ['interval', intervalContent(interval)],
    ['basis', `${basis.kind}. ${basis.note}`],
    ['digests', `AgentVerse, ${digest}`],
  ];
}

function lastOf({ ticks }: Telemetry, band: Band): { index: number; tick: number } {
  const index = band.median.findLastIndex((value) => value !== null);
  return { index, tick: ticks[index] ?? 0 };
}

function lastShare(
  telemetry: Telemetry,
  band: Band,
  label: string,
  metric: Metric,
  terms: Terms,
): string {
  const { index, tick } = lastOf(telemetry, band);
  const range = shareRange(band.low[index], band.high[index]);
  return `Baseline, ${label}: ${range} of ${wholeOf(metric, terms)} ${during(tick, tick, terms.unit)} (${intervalWords(telemetry.interval)}).`;
}

function bandTable(
  ticks: readonly number[],
  band: Band,
  { unit }: Terms,
  write: (value: number) => string,
): FigureTable {
  return {
    columns: [sentenceCase(unit), 'Low', 'Median', 'High'],
    rows: ticks.map((tick, index) => [
      tick,
      band.low[index] ?? null,
      band.median[index] ?? null,
      band.high[index] ?? null,
    ]),
    format: (value, column) => (column === 0 ? `${value}` : write(value)),
  };
}

/** The changes of a node and of everything it continues. */
export function eventsOf(node: Node, nodes: readonly Node[]): FanEvent[] {
  const parent = nodes.find((entry) => entry.id === node.parent_id);
  const own = node.event_scripts.map((script) => ({
    tick: script.scope?.start_tick ?? 0,
    label: script.sentence ?? script.variable,
  }));
  return parent ? [...eventsOf(parent, nodes), ...own] : own;
}
