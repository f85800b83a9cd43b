/** Which way a difference points, as its interval tells. A verdict is also the tone it is drawn in. */
export type Verdict = 'up' | 'down' | 'unclear';

/** Less than this is rounding; the server's rule says the same. */
const rounding = 1e-9;

/** A difference is clear when its interval does not hold zero. */
export function verdict({ low, high }: { low: number; high: number }): Verdict {
  if (low > rounding) return 'up';
  return high < -rounding ? 'down' : 'unclear';
}
