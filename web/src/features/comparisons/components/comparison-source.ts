import type { Comparison } from '@/api/generated/types.gen';
import { type Terms, wholeOf } from '@/features/runs';
import { intervalWords, verdictWords } from '@/features/universe';
import { shortDigest, span } from '@/lib/format';
import type { Verdict } from '@/ui/charts/verdict';
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
>;

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

/** The source line under every exported picture of a comparison. */
export function comparisonSource(comparison: Compared, terms: Terms, sides = nodeSides): string {
  return sourceLine(comparison, wholeOf(comparison.metric, terms), terms, sides);
}

export function sourceLine(
  comparison: Compared,
  what: string,
  terms: Terms,
  sides = nodeSides,
): string {
  const base = shortDigest(comparison.base_digest);
  const branch = shortDigest(comparison.branch_digest);
  const when = span(comparison.from_tick, comparison.to_tick, terms.unit);
  return `AgentVerse · ${illustrative(comparison.basis)}${what}, ${when} · ${intervalWords(comparison.interval)} · ${sides.base} ${base}, ${sides.branch} ${branch}`;
}

/** What a picture must carry where nothing of it comes from the file. */
export function illustrative(basis: Comparison['basis']): string {
  return basis.kind === 'assumptions' ? 'illustrative, assumptions only · ' : '';
}

export function comparisonFile(comparison: Compared, part: string): string {
  return `agentverse-${part}-${comparison.metric.replace('_', '-')}-${shortDigest(comparison.branch_digest, 8)}`;
}
