import { useEffect, useRef, useState } from 'react';

/** What one connection needs; fits the options of every generated event-stream call. */
export interface ConnectionOptions<T> {
  signal: AbortSignal;
  headers?: Record<string, string>;
  sseMaxRetryAttempts: number;
  onSseError: (error: unknown) => void;
  onSseEvent: (event: { data: T; event?: string; id?: string }) => void;
}

export type Connect = (
  options: ConnectionOptions<unknown>,
) => Promise<{ stream: AsyncIterable<unknown> }>;

export interface StreamHandlers<T> {
  onEvent: (event: T) => void;
  /** True for the event after which nothing can follow. */
  isLast: (event: T) => boolean;
  onState?: (state: StreamState) => void;
}

export type StreamState = 'connecting' | 'live' | 'waiting' | 'ended';

const SILENCE_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Follows a stream until its last event: connects again after an error, a clean end or 30 s of
 * silence, sends Last-Event-ID, and starts waiting from the shortest time after each success.
 */
export function followStream<T>(connect: Connect, handlers: StreamHandlers<T>): () => void {
  const stop = new AbortController();
  void follow(connect, handlers, stop.signal);
  return () => stop.abort();
}

async function follow<T>(connect: Connect, handlers: StreamHandlers<T>, stop: AbortSignal) {
  let lastId: string | undefined;
  let wait = FIRST_WAIT_MS;
  while (!stop.aborted) {
    handlers.onState?.('connecting');
    const outcome = await readOnce(connect, handlers, stop, lastId);
    if (stop.aborted) return;
    lastId = outcome.lastId ?? lastId;
    if (outcome.finished) {
      handlers.onState?.('ended');
      return;
    }
    wait = outcome.received ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    handlers.onState?.('waiting');
    await pause(wait, stop);
  }
}

interface Outcome {
  finished: boolean;
  received: boolean;
  lastId?: string;
}

async function readOnce<T>(
  connect: Connect,
  { onEvent, isLast, onState }: StreamHandlers<T>,
  stop: AbortSignal,
  lastId: string | undefined,
): Promise<Outcome> {
  const outcome: Outcome = { finished: false, received: false };
  const connection = new AbortController();
  const end = () => connection.abort();
  stop.addEventListener('abort', end, { once: true });
  let silence = setTimeout(end, SILENCE_MS);
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(end, SILENCE_MS);
  };
  try {
    const { stream } = await connect({
      signal: connection.signal,
      ...(lastId === undefined ? {} : { headers: { 'Last-Event-ID': lastId } }),
      // One attempt: repeating is decided here, where a clean end counts as a loss too.
      sseMaxRetryAttempts: 1,
      onSseError: () => undefined,
      onSseEvent: (event) => {
        heard();
        if (event.id !== undefined) outcome.lastId = event.id;
      },
    });
    for await (const data of stream) {
      if (stop.aborted) break;
      if (!outcome.received) onState?.('live');
      outcome.received = true;
      onEvent(data as T);
      if (isLast(data as T)) {
        outcome.finished = true;
        break;
      }
    }
  } catch {
    // A lost connection is not an error of the page; the caller sees the state "waiting".
  } finally {
    clearTimeout(silence);
    stop.removeEventListener('abort', end);
    connection.abort();
  }
  return outcome;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    }
    stop.addEventListener('abort', done, { once: true });
  });
}

const HIDDEN_MS = 60_000;

export interface EventStreamOptions<T> extends Omit<StreamHandlers<T>, 'onState'> {
  /** Changes when another thing is followed; null follows nothing. */
  streamKey: string | null;
  connect: Connect;
  /** The tab was hidden and the stream closed meanwhile: read the present state again. */
  onReturn?: () => void;
}

/** Follows a stream while the component lives; closed after 60 s in a hidden tab. */
export function useEventStream<T>(options: EventStreamOptions<T>): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { streamKey } = options;
  useEffect(() => {
    if (streamKey === null) {
      setState('ended');
      return;
    }
    const start = () =>
      followStream<T>((o) => latest.current.connect(o), {
        onEvent: (event) => latest.current.onEvent(event),
        isLast: (event) => latest.current.isLast(event),
        onState: setState,
      });
    return whileVisible(start, () => latest.current.onReturn?.());
  }, [streamKey]);
  return state;
}

function whileVisible(start: () => () => void, onReturn: () => void): () => void {
  let stop: (() => void) | null = start();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        stop?.();
        stop = null;
      }, HIDDEN_MS);
    } else if (stop === null) {
      onReturn();
      stop = start();
    }
  };
  document.addEventListener('visibilitychange', changed);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', changed);
    stop?.();
  };
}
