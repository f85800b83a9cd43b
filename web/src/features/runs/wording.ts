import type { Run } from '@/api/generated/types.gen';
import { count } from '@/lib/format';
import type { Terms } from './terms';

/** "heat pump" at the start of a sentence. */
export function sentenceCase(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

export const variantLabel: Record<Run['variant'], string> = {
  with_social_rules: 'with social rules',
  without_social_rules: 'without social rules',
};

/** "month 12 of 36": how far a run is, in the unit people think in. */
export function progressWords(
  run: Pick<Run, 'tick' | 'horizon' | 'status'>,
  unit: Terms['unit'],
): string {
  if (run.status === 'queued') return 'waiting for a worker';
  return `${unit} ${count(run.tick)} of ${count(run.horizon)}`;
}

/** “replacement_rate” → “Replacement rate”, “appeal.left” → “Appeal left”. */
export function parameterTitle(name: string): string {
  return sentenceCase(name.replaceAll(/[_.]/g, ' '));
}

/** The badge beside it says that it is an assumption. */
export function sourceWords(source: string): string {
  return source.replace(/^assumption: /, '');
}
