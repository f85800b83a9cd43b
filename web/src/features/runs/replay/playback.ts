import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { frameOptions } from '../queries';
import { decodeBytes, type FramePair } from './paint';

const ahead = 4;

/** The frame of a tick and of the one before; the next ones are fetched while this one is seen. */
export function useFramePair(runId: string, tick: number, last: number) {
  const client = useQueryClient();
  const now = useQuery({ ...frameOptions(runId, tick), placeholderData: (previous) => previous });
  const before = useQuery({ ...frameOptions(runId, Math.max(0, tick - 1)), enabled: tick > 0 });
  useEffect(() => {
    for (let next = tick + 1; next <= Math.min(last, tick + ahead); next += 1) {
      void client.prefetchQuery(frameOptions(runId, next));
    }
  }, [client, runId, tick, last]);
  const ready = now.data !== undefined && !now.isPlaceholderData;
  const choices = useMemo(
    () => (now.data ? decodeBytes(now.data.choices_base64) : null),
    [now.data],
  );
  const previous = useMemo(
    () => (tick > 0 && before.data ? decodeBytes(before.data.choices_base64) : null),
    [before.data, tick],
  );
  const shown = useRef<FramePair | null>(null);
  const pair = useMemo(
    (): FramePair | null => (choices ? { choices, previous } : null),
    [choices, previous],
  );
  // While a far tick loads the last whole picture stays.
  if (ready && pair && (tick === 0 || previous)) shown.current = pair;
  return {
    pair: shown.current,
    changed: ready ? (now.data?.changed ?? null) : null,
    error: now.error,
    retry: () => void now.refetch(),
  };
}

export type FrameNow = ReturnType<typeof useFramePair>;
export type Player = ReturnType<typeof usePlayer>;

/** Tick, play and pause. A tick whose frame has not arrived yet is waited for, not skipped. */
export function usePlayer(runId: string, start: number, last: number) {
  const client = useQueryClient();
  const [tick, setTick] = useState(start);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(4);
  const bounded = (value: number) => Math.min(last, Math.max(0, value));
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      setTick((known) => {
        const next = known + 1;
        const arrived = client.getQueryData(frameOptions(runId, next).queryKey) !== undefined;
        return next <= last && arrived ? next : known;
      });
    }, 1000 / speed);
    return () => clearInterval(timer);
  }, [playing, speed, last, client, runId]);
  useEffect(() => {
    if (tick >= last) setPlaying(false);
  }, [tick, last]);
  const toggle = () => {
    if (!playing && tick >= last) setTick(0);
    setPlaying(!playing);
  };
  const step = (by: number) => {
    setPlaying(false);
    setTick((known) => bounded(known + by));
  };
  useReplayKeys(toggle, step);
  return {
    tick,
    playing,
    speed,
    setSpeed,
    toggle,
    step,
    seek: (to: number) => setTick(bounded(to)),
  };
}

/** Space plays and the arrows step, unless the key belongs to a control that has the focus. */
function useReplayKeys(toggle: () => void, step: (by: number) => void): void {
  const latest = useRef({ toggle, step });
  useEffect(() => {
    latest.current = { toggle, step };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target } = event;
      const inControl =
        target instanceof HTMLElement && target.matches('select, textarea, input, button, a');
      const isSlider = target instanceof HTMLInputElement && target.type === 'range';
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === ' ' && (!inControl || isSlider)) {
        event.preventDefault();
        latest.current.toggle();
      }
      const ownsArrows = target instanceof HTMLElement && target.matches('select, textarea, input');
      if (ownsArrows) return;
      if (event.key === 'ArrowRight') latest.current.step(1);
      if (event.key === 'ArrowLeft') latest.current.step(-1);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
