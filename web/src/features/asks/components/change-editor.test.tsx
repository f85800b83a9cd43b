import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { compilationOf } from '@tests/factories/asks';
import { scriptOf, variableOf } from '@tests/factories/universe';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import type { CompilationWire, VariableRegistry } from '@/api/generated/types.gen';
import { ChangeOffer } from './change-editor';

const registry: VariableRegistry = {
  variables: [
    variableOf('interest_rate', { unit: '% per year', maximum: 20, value: 3, default: 3 }),
    variableOf('conformity', { label: 'conformity' }),
  ],
  alternatives: [],
  regions: [{ name: 'north', label: 'north', personas: 5 }],
  segments: [],
  levels: [],
  examples: [],
};

const points = scriptOf({ variable: 'interest_rate', operation: 'add', value: 1 });
const factor = scriptOf({ variable: 'interest_rate', operation: 'multiply', value: 1.01 });
const refused = compilationOf({
  needs_confirmation: true,
  unmapped: [{ text: 'rates 1 %', code: 'unclear', message: '', nearest: ['conformity'] }],
  suggestions: [
    { question: 'a', sentence: 'interest rate + 1 pp', event_scripts: [points] },
    { question: 'b', sentence: 'interest rate × 1.01', event_scripts: [factor] },
  ],
});

const sent = vi.fn<(body: { event_scripts: { value: number }[] }) => Response>();
const told = (after: number) =>
  new Response(
    JSON.stringify({
      ...compilationOf(),
      values: [
        {
          first_tick: 6,
          groups: [{ name: '', label: 'All', personas: 5, before: 3, after }],
        },
      ],
    } satisfies CompilationWire),
    { headers: { 'Content-Type': 'application/json' } },
  );

beforeAll(configureClient);

beforeEach(() => {
  sent.mockReset();
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) =>
    sent(await new Request(input, init).json()),
  );
});

afterEach(() => vi.unstubAllGlobals());

function renderOffer(compilation = refused) {
  const onRun = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ChangeOffer
        projectId="project"
        question="rates 1 %"
        parentId={undefined}
        compilation={compilation}
        registry={registry}
        unit="month"
        busy={false}
        onRun={onRun}
      />
    </QueryClientProvider>,
  );
  return onRun;
}

const yes = () => screen.getByRole('button', { name: 'Yes, run this' });

test('a refused question runs after two presses of a key, with its values seen before', async () => {
  sent.mockImplementation(() => told(4));
  const onRun = renderOffer();
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  expect(yes()).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(onRun).not.toHaveBeenCalled();
  expect(await screen.findByText(/3.% per year → 4.% per year/)).toBeVisible();
  expect(screen.getByText(/from month.6, for 5 personas/)).toBeVisible();
  await userEvent.keyboard('{Enter}');
  expect(onRun).toHaveBeenCalledTimes(1);
  expect(onRun.mock.calls[0]?.[0]).toMatchObject([
    { variable: 'interest_rate', operation: 'add', value: 1, scope: { start_tick: 0 } },
  ]);
});

test('an amount is exchanged by a button, and what runs is what stands in the fields', async () => {
  sent.mockImplementation(({ event_scripts: [script] }) => told(script?.value ?? 0));
  const onRun = renderOffer();
  await userEvent.click(screen.getByRole('button', { name: 'Interest rate + 1 pp' }));
  await userEvent.click(screen.getByRole('button', { name: /^\+1.% \(× 1.01\)$/u }));
  expect(screen.getByRole('spinbutton', { name: 'How much' })).toHaveValue(1.01);
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Region' }), 'north');
  await waitFor(() => expect(yes()).not.toHaveAttribute('aria-disabled'));
  await userEvent.click(yes());
  expect(onRun.mock.calls[0]?.[0]).toMatchObject([
    { operation: 'multiply', value: 1.01, scope: { regions: ['north'] } },
  ]);
});

test('without a suggestion the nearest variable is filled in, and a number is missing', async () => {
  const onRun = renderOffer({ ...refused, suggestions: [] });
  await userEvent.click(screen.getByRole('button', { name: 'Say it in fields' }));
  const form = screen.getByRole('form', { name: 'The change' });
  expect(within(form).getByRole('combobox', { name: 'What' })).toHaveValue('conformity');
  await userEvent.click(yes());
  expect(onRun).not.toHaveBeenCalled();
  expect(screen.getByText('Say what changes and by how much.')).toBeVisible();
  expect(sent).not.toHaveBeenCalled();
});

test('what the server refuses stands at its field, and nothing runs', async () => {
  sent.mockImplementation(
    () =>
      new Response(
        JSON.stringify({
          type: 'about:blank',
          title: 'Invalid',
          status: 422,
          detail: 'No.',
          code: 'event_script_invalid',
          errors: [{ field: 'event_scripts[0].value', message: 'It can be 0 to 20.' }],
        }),
        { status: 422, headers: { 'Content-Type': 'application/problem+json' } },
      ),
  );
  const onRun = renderOffer();
  await userEvent.click(screen.getByRole('button', { name: 'Interest rate + 1 pp' }));
  expect(await screen.findByText('It can be 0 to 20.')).toBeVisible();
  await userEvent.click(yes());
  expect(onRun).not.toHaveBeenCalled();
});
