import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ConnectionOptions, followStream, type StreamState } from './event-stream';

interface Event {
  tick: number;
  done?: boolean;
}

type Script = (options: ConnectionOptions<unknown>) => AsyncGenerator<Event>;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Connects once per script, in order, and records what was asked. */
function follow(scripts: Script[]) {
  const asked: Array<ConnectionOptions<unknown>> = [];
  const events: number[] = [];
  const states: StreamState[] = [];
  const stop = followStream<Event>(
    async (options) => {
      const script = scripts[asked.length];
      asked.push(options);
      if (!script) throw new Error('nobody there');
      return { stream: script(options) };
    },
    {
      onEvent: (event) => events.push(event.tick),
      isLast: (event) => event.done === true,
      onState: (state) => states.push(state),
    },
  );
  return { asked, events, states, stop };
}

const giving = (...events: Event[]): Script =>
  async function* (options) {
    for (const event of events) {
      options.onSseEvent({ data: event, id: String(event.tick) });
      yield event;
    }
  };

const silent: Script = async function* ({ signal }) {
  await new Promise((_, refuse) => signal.addEventListener('abort', () => refuse(signal.reason)));
  yield { tick: -1 };
};

test('reads to the last event and stops there', async () => {
  const run = follow([giving({ tick: 1 }, { tick: 2, done: true })]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(run.events).toEqual([1, 2]);
  expect(run.asked).toHaveLength(1);
  expect(run.states.at(-1)).toBe('ended');
});

test('a clean end without a last event is a loss: it connects again from where it was', async () => {
  const run = follow([giving({ tick: 1 }, { tick: 2 }), giving({ tick: 3, done: true })]);
  await vi.advanceTimersByTimeAsync(600);
  expect(run.events).toEqual([1, 2, 3]);
  expect(run.asked[0]?.headers).toBeUndefined();
  expect(run.asked[1]?.headers).toEqual({ 'Last-Event-ID': '2' });
});

test('half a minute of silence is a loss too', async () => {
  const run = follow([silent, giving({ tick: 9, done: true })]);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(run.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(run.events).toEqual([9]);
});

test('waits longer after each failure, and shortly again after a success', async () => {
  const run = follow([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(run.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(run.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(run.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(run.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(run.asked).toHaveLength(3);
  run.stop();
});

test('a stopped stream neither delivers nor connects again', async () => {
  const run = follow([silent]);
  await vi.advanceTimersByTimeAsync(10);
  run.stop();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(run.asked).toHaveLength(1);
  expect(run.asked[0]?.signal.aborted).toBe(true);
  expect(run.events).toEqual([]);
});
