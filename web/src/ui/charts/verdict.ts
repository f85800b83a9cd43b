/** Which way a difference points, as its interval tells. A verdict is also the tone it is drawn in. */
export type Verdict = 'up' | 'down' | 'unclear';

/** A difference is clear when its interval does not hold zero. */
export function verdict({ low, high }: { low: number; high: number }): Verdict {
  if (low > 0) return 'up';
  return high < 0 ? 'down' : 'unclear';
}
