/** How long a run will still take, from how fast its ticks were seen to go by. */
import { useEffect, useRef, useState } from 'react';
import type { Run } from '@/api/generated/types.gen';

export interface Seen {
  tick: number;
  /** In milliseconds, of this browser's clock alone: the server's may differ. */
  at: number;
}

const leastWatchedMs = 5_000;
/** Less is over before it is read. */
const leastLeftMs = 20_000;

/** "about 3 min left"; nothing before the pace is known, and nothing of what is soon over. */
export function timeLeftWords(first: Seen, now: Seen, horizon: number): string {
  const watched = now.at - first.at;
  const done = now.tick - first.tick;
  if (done <= 0 || watched < leastWatchedMs) return '';
  const left = (watched / done) * (horizon - now.tick);
  if (left < leastLeftMs) return '';
  const seconds = left / 1000;
  return seconds < 90
    ? `about ${10 * Math.round(seconds / 10)} s left`
    : `about ${Math.round(seconds / 60)} min left`;
}

/** Of a run that is watched as it goes; empty while it waits and once it has ended. */
export function useTimeLeft(run: Run | undefined): string {
  const first = useRef<{ run: string; seen: Seen } | null>(null);
  const [words, setWords] = useState('');
  const { id, tick = 0, horizon = 0, status } = run ?? {};
  useEffect(() => {
    if (id === undefined || status !== 'running') {
      first.current = null;
      setWords('');
      return;
    }
    const now = { tick, at: performance.now() };
    // A worker that took over may start further back than the last one came.
    if (first.current?.run !== id || tick < first.current.seen.tick) {
      first.current = { run: id, seen: now };
    }
    setWords(timeLeftWords(first.current.seen, now, horizon));
  }, [id, tick, horizon, status]);
  return words;
}
