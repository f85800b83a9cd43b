import type { Comparison, IntervalKind } from '@/api/generated/types.gen';
import { type Terms, wholeOf } from '@/features/runs';
import { intervalWords, verdictWords } from '@/features/universe';
import { shortDigest, span } from '@/lib/format';
import type { Verdict } from '@/ui/charts/verdict';
import type { Provenance } from '@/ui/export-figure';
import { verdictsAgainst } from '../wording';

/** What the shared figures tell of two sides, whether of two nodes or of one with actors and without. */
export type Compared = Pick<
  Comparison,
  | 'sentence'
  | 'metric'
  | 'from_tick'
  | 'to_tick'
  | 'interval'
  | 'ticks'
  | 'alternatives'
  | 'differences'
  | 'levels'
  | 'series'
  | 'level_series'
  | 'base_digest'
  | 'branch_digest'
  | 'basis'
> &
  Partial<Pick<Comparison, 'base_label' | 'branch_label'>>;

/** What the two sides are called within a sentence. */
export interface Sides {
  base: string;
  branch: string;
  /** The base as a thing that others are measured against. */
  reference: string;
  verdicts: Record<Verdict, string>;
}

export const nodeSides: Sides = {
  base: 'base',
  branch: 'branch',
  reference: 'the base',
  verdicts: verdictWords,
};

/** Two nodes, the base by its name. */
export function sidesAgainst(base: string): Sides {
  const reference = base.toLowerCase() === 'baseline' ? 'the baseline' : `“${base}”`;
  return { ...nodeSides, reference, verdicts: verdictsAgainst(base) };
}

/** What every exported picture and table of a comparison says of its numbers. */
export function comparisonSource(
  comparison: Compared,
  terms: Terms,
  sides = nodeSides,
): Provenance {
  return sourceOf(comparison, wholeOf(comparison.metric, terms), terms, sides);
}

export function sourceOf(
  comparison: Compared,
  what: string,
  terms: Terms,
  sides = nodeSides,
): Provenance {
  const { base_label: base = sides.base, branch_label: change = sides.branch } = comparison;
  const when = span(comparison.from_tick, comparison.to_tick, terms.unit);
  return [
    ['change', change],
    ['base', base],
    ['measure', `${what}, ${when}`],
    ['interval', intervalContent(comparison.interval)],
    ['basis', `${comparison.basis.kind}. ${comparison.basis.note}`],
    [
      'digests',
      `AgentVerse, ${sides.base} ${comparison.base_digest}, ${sides.branch} ${comparison.branch_digest}`,
    ],
  ];
}

/** "central 90 % of 20 replicates, which hold chance and estimation". */
export function intervalContent(interval: IntervalKind): string {
  const kind = intervalWords(interval);
  return interval.covers ? `${kind}; it holds ${interval.covers}` : kind;
}

export function comparisonFile(comparison: Compared, part: string): string {
  return `agentverse-${part}-${comparison.metric.replace('_', '-')}-${shortDigest(comparison.branch_digest, 8)}`;
}
