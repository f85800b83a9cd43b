import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import { GoalOffer } from './goal-offer';

const gone = vi.hoisted(() => vi.fn());
vi.mock('@tanstack/react-router', () => ({ useNavigate: () => gone }));

const goal = {
  sentence: 'Which installation cost of heat pump, for everyone, gives heat pump 35 % of choices?',
  variable: 'installation_cost.hp',
  unit: 'USD',
  scope: { regions: [], segments: [] },
  lower: 0,
  upper: 2400,
  alternative: 'hp',
  kind: 'flow_share' as const,
  value: 0.35,
};
const sent = vi.fn<(body: unknown) => Response>();
const answer = (status: number, body: object) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' },
  });

beforeAll(configureClient);
beforeEach(() => {
  sent.mockReset();
  gone.mockReset();
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) =>
    sent(await new Request(input, init).json()),
  );
});
afterEach(() => vi.unstubAllGlobals());

function renderOffer() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <GoalOffer projectId="p" parentId={undefined} goal={goal} />
    </QueryClientProvider>,
  );
}

test('one click looks for the value, within the bounds as edited', async () => {
  sent.mockImplementation(() => answer(202, { id: 'found' }));
  renderOffer();
  expect(screen.getByRole('form', { name: goal.sentence })).toBeInTheDocument();
  await userEvent.clear(screen.getByLabelText('Up to'));
  await userEvent.type(screen.getByLabelText('Up to'), '1200{Enter}');
  await waitFor(() => expect(gone).toHaveBeenCalledOnce());
  expect(sent).toHaveBeenCalledWith({
    node_id: null,
    seek: {
      variable: 'installation_cost.hp',
      scope: goal.scope,
      lower: 0,
      upper: 1200,
      outcome: { kind: 'flow_share', of: 'hp' },
      value: 0.35,
    },
  });
  expect(gone).toHaveBeenCalledWith(expect.objectContaining({ search: { plan: 'found' } }));
});

test('a bound that cannot be is told at its field', async () => {
  const message = 'is 1e9, outside the range.';
  sent.mockImplementation(() =>
    answer(422, {
      code: 'plan_invalid',
      title: 'The plan cannot be searched as described',
      status: 422,
      detail: message,
      errors: [{ field: 'seek.upper', message }],
    }),
  );
  renderOffer();
  await userEvent.click(screen.getByRole('button', { name: 'Find the value' }));
  await waitFor(() => expect(screen.getByLabelText('Up to')).toBeInvalid());
  expect(gone).not.toHaveBeenCalled();
});
