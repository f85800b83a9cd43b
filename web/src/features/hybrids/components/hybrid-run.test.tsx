import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { surveyed } from '@tests/factories/universe';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import type { Hybrid, Project, VariableRegistry } from '@/api/generated/types.gen';
import { hybridOptions } from '../queries';
import { HybridRun } from './hybrid-run';

const registry: VariableRegistry = {
  variables: [],
  alternatives: [],
  regions: [],
  segments: [],
  levels: [],
  examples: [],
};

function hybridOf(change: Partial<Hybrid> = {}): Hybrid {
  return {
    id: 'run',
    project_id: 'project',
    node_id: 'root',
    status: 'running',
    progress: 0.25,
    finding: null,
    request: { actors: [{ name: 'regulator', actions: [] }] },
    result: null,
    basis: surveyed,
    problem: null,
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    finished_at: null,
    ...change,
  };
}

const answer = vi.fn<(request: Request) => Response>();

beforeAll(() => configureClient());
beforeEach(() => {
  answer.mockReset();
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
    Promise.resolve(answer(new Request(input, init))),
  );
});
afterEach(() => vi.unstubAllGlobals());

function show(hybrid: Hybrid) {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  client.setQueryData(hybridOptions(hybrid.id).queryKey, hybrid);
  render(
    <QueryClientProvider client={client}>
      <HybridRun
        id={hybrid.id}
        project={{} as Project}
        registry={registry}
        world={() => 'Baseline'}
      />
    </QueryClientProvider>,
  );
}

test('a run under way tells how far it is and ends when it is cancelled', async () => {
  answer.mockImplementation(() => Response.json(hybridOf({ status: 'cancelled' })));
  show(hybridOf());
  expect(screen.getByRole('heading', { name: 'Baseline with regulator' })).toBeInTheDocument();
  expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '0.25');
  await userEvent.click(screen.getByRole('button', { name: 'Cancel runs' }));
  await waitFor(() => expect(screen.getByText('cancelled')).toBeInTheDocument());
  const [request] = answer.mock.calls[0] ?? [];
  expect(request?.method).toBe('POST');
  expect(request?.url).toMatch(/\/hybrids\/run\/cancel$/);
  expect(screen.queryByRole('button', { name: 'Cancel runs' })).toBeNull();
  expect(screen.getByText(/there is nothing to compare/)).toBeInTheDocument();
});

test('a failed run tells why, and offers nothing to cancel', () => {
  const problem = { title: 'These actors cannot act', detail: 'patience is below 0.', code: 'x' };
  show(hybridOf({ status: 'failed', problem }));
  expect(screen.getByRole('alert')).toHaveTextContent('patience is below 0.');
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.queryByRole('progressbar')).toBeNull();
});
