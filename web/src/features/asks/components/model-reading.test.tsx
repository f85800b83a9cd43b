import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { compilationOf } from '@tests/factories/asks';
import { scriptOf } from '@tests/factories/universe';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import type { CompilationWire } from '@/api/generated/types.gen';
import { ModelReading } from './model-reading';

const script = scriptOf({ variable: 'conformity', operation: 'multiply', value: 0.5 });
const reading: NonNullable<CompilationWire['model_reading']> = {
  state: 'read',
  message: 'A language model read this. Nothing runs before you confirm it.',
  code: null,
  reason: null,
  served_model: 'primary/m',
  prompt_version: '1',
  calls: 1,
  cost_usd: '0.0003',
};
const suggestion = {
  question: 'folk follow less',
  sentence: 'conformity × 0.5',
  event_scripts: [script],
  read_by: 'model' as const,
  understood: [{ text: 'folk follow less', sentence: 'conformity × 0.5' }],
  assumptions: ['left out: “2”'],
};

let compiler: 'rules' | 'both';
const sent = vi.fn<(method: string, body: unknown) => unknown>();

beforeAll(configureClient);

beforeEach(() => {
  compiler = 'both';
  sent.mockReset();
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const body = request.method === 'GET' ? null : await request.json();
    const answer = request.method === 'GET' ? { compiler } : sent(request.method, body);
    return new Response(JSON.stringify(answer), {
      headers: { 'Content-Type': 'application/json' },
    });
  });
});

afterEach(() => vi.unstubAllGlobals());

function renderReading() {
  const onPick = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ModelReading
        projectId="p"
        question="folk follow less"
        parentId={undefined}
        onPick={onPick}
      />
    </QueryClientProvider>,
  );
  return onPick;
}

test('a model is asked on a click, and what it read is picked, with its words and its cost', async () => {
  sent.mockReturnValue(compilationOf({ suggestions: [suggestion], model_reading: reading }));
  const onPick = renderReading();
  await userEvent.click(await screen.findByRole('button', { name: /language model read it/ }));
  expect(sent).toHaveBeenCalledWith('POST', { question: 'folk follow less', compiler: 'both' });
  expect(await screen.findByText('1 call by primary/m, 0.0003 USD.')).toBeVisible();
  expect(screen.getByText(/left out: “2”/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Conformity × 0.5' }));
  expect(onPick).toHaveBeenCalledWith(suggestion);
});

test('an answer that was not used says why and offers nothing', async () => {
  sent.mockReturnValue(
    compilationOf({
      model_reading: {
        ...reading,
        state: 'invalid',
        message: 'The language model’s answer does not fit the question, so it was not used.',
        reason: 'The question does not say “90 %” (`amount`).',
        calls: 2,
      },
    }),
  );
  renderReading();
  await userEvent.click(await screen.findByRole('button', { name: /language model read it/ }));
  expect(await screen.findByText(/does not say “90 %”/)).toBeVisible();
  expect(screen.getAllByRole('button')).toHaveLength(1);
});

test('a project that lets no model read says what allowing it means, and asks none before', async () => {
  compiler = 'rules';
  sent.mockReturnValue({ compiler: 'both' });
  renderReading();
  await userEvent.click(await screen.findByRole('button', { name: /language model read it/ }));
  expect(screen.getByText(/are sent to the installation’s model/)).toBeVisible();
  expect(sent).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Allow in this project' }));
  expect(sent).toHaveBeenCalledWith('PATCH', { compiler: 'both' });
  expect(await screen.findByRole('button', { name: 'Let a language model read it' })).toBeVisible();
});
