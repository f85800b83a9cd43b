/** Findings in words. The same sentences name charts, head tables and go into exported files. */
import type {
  EventScriptWire,
  IntervalKind,
  Node,
  OutcomeStrip,
  Variable,
} from '@/api/generated/types.gen';
import { parameterTitle, sentenceCase } from '@/features/runs';
import { inUnit, pointsRange, share, shareRange, significant, stepUnit } from '@/lib/format';
import { type Verdict, verdict } from '@/ui/charts/verdict';

export const verdictWords: Record<Verdict, string> = {
  up: 'higher than the baseline',
  down: 'lower than the baseline',
  unclear: 'no clear difference',
};

type Range = Pick<OutcomeStrip, 'low' | 'median' | 'high'>;

export function medianShare(range: Range): string {
  return share(range.median, range.high - range.low);
}

/** "90 % of 20 replicates": no interval without its level and number. */
export function intervalWords(interval: IntervalKind): string {
  return `${share(interval.level)} of ${interval.replicates} replicates`;
}

export function differenceSentence(difference: Range): string {
  const kind = verdict(difference);
  if (kind === 'unclear') {
    return `No clear difference from the baseline: ${pointsRange(difference.low, difference.high)}.`;
  }
  const word = kind === 'up' ? 'higher' : 'lower';
  return `Clearly ${word} than the baseline: ${pointsRange(difference.low, difference.high)}.`;
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
