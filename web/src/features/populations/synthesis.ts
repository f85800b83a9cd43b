import type { SynthesisOptions } from '@/api/generated/types.gen';
import { count } from '@/lib/format';

export type Synthesis = Required<SynthesisOptions>;

/** The server's own defaults, shown so that they can be changed. */
export const STANDARD_SYNTHESIS: Synthesis = {
  personas: 100_000,
  seed: 20,
  mean_degree: 10,
  region_odds_ratio: 4,
  segment_odds_ratio: 2.5,
};

export const SYNTHESIS_BOUNDS: Record<keyof Synthesis, readonly [number, number]> = {
  personas: [100, 1_000_000],
  seed: [0, 4_294_967_295],
  mean_degree: [0, 100],
  region_odds_ratio: [1, 50],
  segment_odds_ratio: [1, 50],
};

const WHOLE: ReadonlySet<string> = new Set(['personas', 'seed']);

/** A message for each value outside what the server takes. */
export function synthesisErrors(value: Synthesis): Partial<Record<keyof Synthesis, string>> {
  const errors: Partial<Record<keyof Synthesis, string>> = {};
  for (const key of Object.keys(SYNTHESIS_BOUNDS) as Array<keyof Synthesis>) {
    const [low, high] = SYNTHESIS_BOUNDS[key];
    const isWhole = WHOLE.has(key);
    const fits = value[key] >= low && value[key] <= high;
    if (fits && (!isWhole || Number.isInteger(value[key]))) continue;
    errors[key] =
      `${isWhole ? 'A whole number' : 'A number'} from ${count(low)} to ${count(high)}.`;
  }
  return errors;
}
