import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { taskOf } from '@tests/factories/tasks';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import type { Task } from '@/api/generated/types.gen';
import { ActivityList } from './activity-list';

let running: Task[];
let ended: Task[];
const cancelled = vi.fn<(path: string) => void>();

function answer({ url, method }: Request): Response {
  const { pathname, searchParams } = new URL(url);
  if (method === 'POST') {
    cancelled(pathname);
    running = running.map((task) => ({ ...task, cancel_requested: true, may_cancel: false }));
    return Response.json(running[0]);
  }
  const items = searchParams.getAll('status').includes('running') ? running : ended;
  return Response.json({ items, next_cursor: null });
}

beforeAll(() => configureClient());
beforeEach(() => {
  cancelled.mockReset();
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
    Promise.resolve(answer(new Request(input, init))),
  );
});
afterEach(() => vi.unstubAllGlobals());

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const root = createRootRoute({ component: () => <ActivityList onFollow={() => undefined} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(
    <QueryClientProvider client={client}>
      {/* biome-ignore lint/suspicious/noExplicitAny: a router of one route is not the app's own */}
      <RouterProvider router={router as any} />
    </QueryClientProvider>,
  );
}

test('what runs is named, measured and stopped as the group that it is', async () => {
  const shared = { group_id: 'both', subject: { type: 'run', id: 'r', title: 'Cheaper pumps' } };
  running = [
    taskOf('a', { ...shared, may_cancel: false }),
    taskOf('b', { ...shared, progress: { done: 27, total: 36, label: '' } }),
  ];
  ended = [];
  show();
  const list = await screen.findByRole('list', { name: 'Running' });
  expect(within(list).getAllByRole('listitem')).toHaveLength(1);
  expect(within(list).getByRole('link', { name: 'Cheaper pumps' })).toHaveAttribute(
    'href',
    '/runs/r',
  );
  expect(within(list).getByRole('progressbar')).toHaveAttribute('aria-valuenow', '0.5');
  await userEvent.click(within(list).getByRole('button', { name: 'Cancel Cheaper pumps' }));
  expect(cancelled).toHaveBeenCalledWith(expect.stringMatching(/\/tasks\/b\/cancel$/));
  await waitFor(() => expect(list).toHaveTextContent('stopping'));
  expect(within(list).queryByRole('button')).toBeNull();
});

test('nothing to stop where the role does not allow it', async () => {
  running = [taskOf('a', { may_cancel: false })];
  ended = [];
  show();
  await screen.findByRole('list', { name: 'Running' });
  expect(screen.queryByRole('button')).toBeNull();
});

test('what ended tells how, and why it failed', async () => {
  running = [];
  const problem = { title: 'The file has no rows', detail: '', code: 'empty' };
  ended = [
    taskOf('a', { status: 'failed', problem, finished_at: '2026-01-01T00:01:00Z' }),
    taskOf('b', {
      kind: 'plan',
      status: 'succeeded',
      subject: { type: 'plan', id: 'p', title: 'A budget' },
    }),
  ];
  show();
  expect(await screen.findByText(/Nothing is running/)).toBeInTheDocument();
  const list = await screen.findByRole('list', { name: 'Ended last' });
  const [first, second] = within(list).getAllByRole('listitem');
  expect(first).toHaveTextContent(/failed.*The file has no rows/);
  expect(second).toHaveTextContent('succeeded');
  expect(within(list).getByRole('link', { name: 'A budget' })).toHaveAttribute(
    'href',
    '/projects/project/plans?plan=p',
  );
});

test('a list that cannot be read says so', async () => {
  running = [];
  ended = [];
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      Response.json(
        { title: 'Not available right now', detail: '', code: 'unavailable', status: 503 },
        { status: 503 },
      ),
    ),
  );
  show();
  expect(await screen.findByRole('alert')).toHaveTextContent('Not available right now');
  expect(screen.getByRole('button', { name: 'Retry' })).toBeInTheDocument();
});
