/** Names and notes of a parameter as a form shows them. */
import { sentenceCase } from '@/features/runs';
import type { Parameter } from './draft';

/** “replacement_rate” → “Replacement rate”. */
export function titleOf(name: string): string {
  return sentenceCase(name.replaceAll('_', ' '));
}

export function meaningOf({ label }: Parameter): string {
  return `${sentenceCase(label)}.`;
}

/** The badge beside it says that it is an assumption. */
export function sourceOf({ source }: Parameter): string {
  return source.replace(/^assumption: /, '');
}

/** A pure number has no unit to show. */
export function unitOf({ unit }: Parameter): string {
  return unit === '1' ? '' : unit;
}
