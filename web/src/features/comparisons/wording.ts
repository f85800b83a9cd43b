/** Findings of a comparison in words. The same sentences name charts, head tables and go into exported files. */

import type {
  Comparison,
  LevelDifference,
  NamedGroup,
  OutcomeStrip,
  ShareDifference,
} from '@/api/generated/types.gen';
import { type Terms, wholeOf } from '@/features/runs';
import { intervalWords, medianShare } from '@/features/universe';
import { amountChange, amountRange, during, pointsRange, shareRange } from '@/lib/format';
import { type Verdict, verdict } from '@/ui/charts/verdict';

/** The registry's name of an alternative, segment or region; its key with spaces until it is known. */
export function groupLabel(groups: readonly NamedGroup[] | undefined, name: string): string {
  return groups?.find((group) => group.name === name)?.label ?? name.replaceAll('_', ' ');
}

/** "Heat pump: 27–37 % of new installations (…)": reads well whatever the alternative is called. */
export function outcomeSentence(outcome: OutcomeStrip, alternative: string, terms: Terms): string {
  const range = shareRange(outcome.low, outcome.high);
  return `${alternative}: ${range} of ${wholeOf(outcome.metric, terms)} (${intervalWords(outcome.interval)}, median ${medianShare(outcome)}).`;
}

/** The range stands beside these words, so they do not repeat it. */
export function verdictSentence(difference: Pick<OutcomeStrip, 'low' | 'median' | 'high'>): string {
  const kind = verdict(difference);
  if (kind === 'unclear') return 'No clear difference from the baseline.';
  return `Clearly ${kind === 'up' ? 'higher' : 'lower'} than the baseline.`;
}

/** “than the baseline” only where it is: a comparison of two branches names its base. */
export function verdictsAgainst(base: string): Record<Verdict, string> {
  const named = base.toLowerCase() === 'baseline' ? 'the baseline' : `“${base}”`;
  return {
    up: `higher than ${named}`,
    down: `lower than ${named}`,
    unclear: 'no clear difference',
  };
}

/** The server's finding, for the alternatives it writes none for. */
export function comparedSentence(row: ShareDifference, alternative: string, terms: Terms): string {
  const base = shareRange(row.base.low, row.base.high);
  const branch = shareRange(row.branch.low, row.branch.high);
  const points = pointsRange(row.difference.low, row.difference.high);
  const change = row.clear ? points : `no clear difference, ${points}`;
  const { from_tick: from, to_tick: to, interval } = row.difference;
  return `${alternative}: share of ${wholeOf(row.metric, terms)} ${during(from, to, terms.unit)} is ${branch} against ${base}: ${change} (${intervalWords(interval)}).`;
}

/** Whether a share or a mean moved, as the server judges it. */
export function rowVerdict({ clear, difference }: ShareDifference | LevelDifference): Verdict {
  return clear ? verdict(difference) : 'unclear';
}

/** The finding about the mean of a level, as the server writes those about shares. */
export function meanSentence(row: LevelDifference, terms: Terms): string {
  const { base, branch, difference, unit } = row;
  const change = amountChange(difference.low, difference.high, unit);
  return `Mean ${row.label} ${during(difference.tick, difference.tick, terms.unit)} is ${amountRange(branch.low, branch.high, unit)} against ${amountRange(base.low, base.high, unit)}: ${row.clear ? change : `no clear difference, ${change}`} (${intervalWords(difference.interval)}).`;
}

/** A finding as the server begins it where nothing comes from the file. */
export function restingOn(basis: Comparison['basis'], sentence: string): string {
  return basis.kind === 'assumptions' ? `Illustrative: ${sentence}` : sentence;
}
