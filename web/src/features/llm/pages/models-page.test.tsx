import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import { ModelsPage } from './models-page';

const call = {
  id: 'c1',
  created_at: '2026-12-01T08:00:00Z',
  state: 'succeeded',
  error_code: null,
  profile_key: 'EVENT_COMPILER_VARIABLE_MAP',
  requested_model: 'profile:EVENT_COMPILER_VARIABLE_MAP',
  served_model: 'primary/m',
  feature: 'ask',
  project_id: 'p1',
  input_tokens: 1000,
  output_tokens: 250,
  cost_usd: '0.0003',
  cost_source: 'price_snapshot',
  hold_usd: '0.01',
  total_ms: 812,
  attempts: [
    { number: 1, provider: 'primary', model: 'm', outcome: 'succeeded', duration_ms: 800 },
  ],
};

const answers: Record<string, unknown> = {
  '/costs/summary': {
    calls: 3,
    cost_usd: '0.0009',
    input_tokens: 3000,
    output_tokens: 750,
    unknown_cost_calls: 0,
  },
  '/costs/report': {
    rows: [{ key: '2026-12-01', calls: 3, cost_usd: '0.0009', input_tokens: 1, output_tokens: 1 }],
  },
  '/cache': { entries: 1, size_bytes: 9, calls: 4, cached: 1, coalesced: 0, replayed: 0 },
  '/calls': { items: [call], next_cursor: null },
  '/calls/c1': call,
  '/budgets': {
    items: [
      {
        id: 'b1',
        scope: 'feature',
        scope_id: 'ask',
        window: 'month',
        limit_usd: '1',
        raised_limit_usd: null,
        active: true,
        spent_usd: '0.5',
        reserved_usd: '0.01',
        resets_at: null,
      },
    ],
    next_cursor: null,
  },
  '/available-models': {
    default_model: null,
    items: [
      {
        name: 'primary/m',
        context_window: 100000,
        max_output_tokens: 1000,
        free: false,
        priced: true,
        rates: [
          { unit: 'input', usd_per_million: '0.15', above_input_tokens: 0 },
          { unit: 'output', usd_per_million: '0.6', above_input_tokens: 0 },
        ],
      },
    ],
  },
  '/profile-keys': {
    items: [
      {
        profile_key: 'EVENT_COMPILER_VARIABLE_MAP',
        is_standard: true,
        is_overridden: false,
        version: 1,
        model: null,
        fallback_models: [],
        temperature: 0.3,
        max_tokens: 1500,
        system_prompt: null,
        cache_enabled: true,
        cache_ttl_seconds: null,
        max_cost_per_request_usd: null,
      },
    ],
  },
  '/profiles': { items: [], next_cursor: null },
};

const sent = vi.fn<(path: string, body: unknown) => unknown>();

beforeAll(() => {
  configureClient();
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});

beforeEach(() => {
  sent.mockReset();
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname.replace('/api/v1/llm', '');
    const answer =
      request.method === 'GET' ? answers[path] : sent(path, await request.clone().json());
    return new Response(JSON.stringify(answer), {
      headers: { 'Content-Type': 'application/json' },
    });
  });
});

afterEach(() => vi.unstubAllGlobals());

const renderPage = () =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ModelsPage />
    </QueryClientProvider>,
  );

test('usage, budgets and prices are told in money, and a call shows its attempts', async () => {
  renderPage();
  expect((await screen.findAllByText('$0.0009'))[0]).toBeVisible();
  expect(await screen.findByText(/^25.%$/)).toBeVisible();
  expect(await screen.findByText('$0.50 of $1.00')).toBeVisible();
  const prices = await screen.findByRole('table', { name: 'Models and prices' });
  expect(within(prices).getByText('$0.15')).toBeVisible();
  const calls = await screen.findByRole('table', { name: 'Calls' });
  await userEvent.click(within(calls).getAllByRole('button')[0] as HTMLElement);
  const attempts = await screen.findByRole('table', { name: 'Attempts' });
  expect(within(attempts).getByText('primary/m')).toBeVisible();
});

test('a profile gets a form of its own, with money as it was written', async () => {
  sent.mockReturnValue({});
  renderPage();
  await userEvent.click(await screen.findByRole('button', { name: /Edit and test EVENT/ }));
  await userEvent.type(await screen.findByLabelText('Model'), 'primary/m');
  await userEvent.type(screen.getByLabelText(/in this order/), 'second/a{Enter}third/b');
  await userEvent.type(screen.getByLabelText(/Dearest call/), '0.10');
  await userEvent.click(screen.getByRole('button', { name: 'Save as our own form' }));
  expect(sent).toHaveBeenCalledWith('/profiles', {
    profile_key: 'EVENT_COMPILER_VARIABLE_MAP',
    model: 'primary/m',
    fallback_models: ['second/a', 'third/b'],
    temperature: 0.3,
    max_tokens: 1500,
    max_cost_per_request_usd: '0.10',
    cache_enabled: true,
    cache_ttl_seconds: null,
    system_prompt: null,
  });
});

test('a profile is asked for real, and the answer comes with its cost', async () => {
  sent.mockReturnValue({ text: 'Hello there', call });
  renderPage();
  await userEvent.click(await screen.findByRole('button', { name: /Edit and test EVENT/ }));
  await userEvent.type(await screen.findByLabelText(/Ask it for real/), 'Hi');
  await userEvent.click(screen.getByRole('button', { name: 'Test' }));
  const answer = await screen.findByRole('region', { name: 'Answer' });
  expect(within(answer).getByText('Hello there')).toBeVisible();
  expect(within(answer).getByText('$0.0003 (price_snapshot)')).toBeVisible();
});
