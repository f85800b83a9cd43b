/** Findings in words. The same sentences name charts, head tables and go into exported files. */
import type {
  CompilationWire,
  EventScriptWire,
  IntervalKind,
  LevelDifference,
  NamedGroup,
  Node,
  OutcomeStrip,
  ShareDifference,
  Variable,
} from '@/api/generated/types.gen';
import { parameterTitle, sentenceCase, type Terms, wholeOf } from '@/features/runs';
import {
  amountChange,
  amountRange,
  during,
  inUnit,
  pointsRange,
  share,
  shareRange,
  significant,
  stepUnit,
} from '@/lib/format';
import type { Tone } from '@/ui/charts/tones';

/** The registry's name of an alternative, segment or region; its key with spaces until it is known. */
export function groupLabel(groups: readonly NamedGroup[] | undefined, name: string): string {
  return groups?.find((group) => group.name === name)?.label ?? name.replaceAll('_', ' ');
}

type Range = Pick<OutcomeStrip, 'low' | 'median' | 'high'>;

export type Verdict = 'up' | 'down' | 'unclear';

/** A difference is clear when its interval does not hold zero. */
export function verdict(difference: Range): Verdict {
  if (difference.low > 0) return 'up';
  return difference.high < 0 ? 'down' : 'unclear';
}

export const verdictTone: Record<Verdict, Tone> = { up: 'up', down: 'down', unclear: 'unclear' };

export const verdictWords: Record<Verdict, string> = {
  up: 'higher than the baseline',
  down: 'lower than the baseline',
  unclear: 'no clear difference',
};

export function medianShare(range: Range): string {
  return share(range.median, range.high - range.low);
}

/** "90 % of 20 replicates": no interval without its level and number. */
export function intervalWords(interval: IntervalKind): string {
  return `${share(interval.level)} of ${interval.replicates} replicates`;
}

/** "Heat pump: 27–37 % of new installations (…)": reads well whatever the alternative is called. */
export function outcomeSentence(outcome: OutcomeStrip, alternative: string, terms: Terms): string {
  const range = shareRange(outcome.low, outcome.high);
  return `${alternative}: ${range} of ${wholeOf(outcome.metric, terms)} (${intervalWords(outcome.interval)}, median ${medianShare(outcome)}).`;
}

export function differenceSentence(difference: Range): string {
  const kind = verdict(difference);
  if (kind === 'unclear') {
    return `No clear difference from the baseline: ${pointsRange(difference.low, difference.high)}.`;
  }
  const word = kind === 'up' ? 'higher' : 'lower';
  return `Clearly ${word} than the baseline: ${pointsRange(difference.low, difference.high)}.`;
}

/** The range stands beside these words, so they do not repeat it. */
export function verdictSentence(difference: Range): string {
  const kind = verdict(difference);
  if (kind === 'unclear') return 'No clear difference from the baseline.';
  return `Clearly ${kind === 'up' ? 'higher' : 'lower'} than the baseline.`;
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

/** What a card says to somebody who does not see it. */
export function cardName(node: Node): string {
  const state = node.status.replace('_', ' ');
  if (!node.outcome) return `${node.label}, ${state}`;
  const range = shareRange(node.outcome.low, node.outcome.high);
  const difference = node.difference ? `, ${differenceSentence(node.difference)}` : '';
  return `${node.label}, ${state}, ${range}, median ${medianShare(node.outcome)}${difference}`;
}

/** "× 0.7", "+ 400 USD", "set to 500 USD": the operation as it will be applied. */
export function operationWords(script: EventScriptWire, unit: string): string {
  const size = Math.abs(script.value);
  switch (script.operation) {
    case 'multiply':
      return multiplyWords(script.value);
    case 'add':
      return `${script.value < 0 ? '−' : '+'}${inUnit(unit === 'share' ? 100 * size : size, stepUnit(unit))}`;
    case 'set':
      return `set to ${inUnit(script.value, unit)}`;
    case 'min':
      return `at most ${inUnit(script.value, unit)}`;
    case 'max':
      return `at least ${inUnit(script.value, unit)}`;
  }
}

function multiplyWords(factor: number): string {
  const percent = Math.round((factor - 1) * 1000) / 10;
  const change = `${percent < 0 ? '−' : '+'}${significant(Math.abs(percent), 3)}\u00a0%`;
  return `${change} (× ${Number(factor.toPrecision(4))})`;
}

/** What forms and ledgers call a variable: its label where it is an alternative's, else its name. */
export function variableTitle({ name, alternative, label }: Variable): string {
  return alternative === null ? parameterTitle(name) : sentenceCase(label);
}

export function variableOf(
  script: EventScriptWire,
  variables: readonly Variable[],
): Variable | undefined {
  return variables.find((variable) => variable.name === script.variable);
}

export type MarkKind = 'plain' | 'understood' | 'unmapped';

export interface MarkedText {
  text: string;
  kind: MarkKind;
  start: number;
}

/** Cuts a question into what was understood, what was not, and the words between. */
export function markQuestion(question: string, compilation: CompilationWire): MarkedText[] {
  const marks: { start: number; end: number; kind: MarkKind }[] = [];
  const note = (text: string, kind: MarkKind) => {
    const start = text === '' ? -1 : question.toLowerCase().indexOf(text.toLowerCase());
    const end = start + text.length;
    const taken = marks.some((mark) => start < mark.end && end > mark.start);
    if (start >= 0 && !taken) marks.push({ start, end, kind });
  };
  for (const part of compilation.unmapped) note(part.text, 'unmapped');
  for (const part of compilation.understood) note(part, 'understood');
  marks.sort((a, b) => a.start - b.start);
  const pieces: MarkedText[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.start > at)
      pieces.push({ text: question.slice(at, mark.start), kind: 'plain', start: at });
    pieces.push({ text: question.slice(mark.start, mark.end), kind: mark.kind, start: mark.start });
    at = mark.end;
  }
  if (at < question.length) pieces.push({ text: question.slice(at), kind: 'plain', start: at });
  return pieces;
}

/** Rule-based and model answers are never mistaken for each other. */
export function compilerWords(compilation: CompilationWire): string {
  const ruleBased = /rule/i.test(compilation.compiler);
  return `${ruleBased ? 'rule-based compiler' : compilation.compiler} ${compilation.compiler_version}`;
}

/** Text of a problem stored with an ask or a run, whose shape the contract leaves open. */
export function storedProblem(problem: { [key: string]: unknown } | null | undefined) {
  if (!problem) return null;
  const read = (key: string) => (typeof problem[key] === 'string' ? problem[key] : '');
  const title = read('title') || 'This did not work';
  return { title, detail: read('detail'), code: read('code') };
}
