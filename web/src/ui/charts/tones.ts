/** What a colour may mean in a chart. Meaning is never colour alone: every tone also has a shape. */
export type Tone = 'accent' | 'baseline' | 'up' | 'down' | 'unclear';

export const toneColor: Record<Tone, string> = {
  accent: 'var(--color-accent)',
  baseline: 'var(--color-baseline)',
  up: 'var(--color-ok)',
  down: 'var(--color-bad)',
  unclear: 'var(--color-t2)',
};

/** Opacity of the flat bands that hold 90 % and 50 % of the replicates. */
export const outerBand = 0.16;
export const innerBand = 0.32;
