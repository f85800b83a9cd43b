import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { nodeOf, scriptOf, variableOf } from '@tests/factories/universe';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { configureClient } from '@/api/client';
import type { NodeDetail } from '@/api/generated/types.gen';
import { nodeOptions } from '../queries';
import { TuneSheet } from './tune-sheet';

function detailOf(id: string, change: Partial<NodeDetail> = {}): NodeDetail {
  return {
    ...nodeOf(id, { label: 'Baseline' }),
    inherited_scripts: [],
    runs: [],
    compute_seconds: null,
    llm_calls: 0,
    llm_cost_usd: '0',
    population_digest: 'people',
    engine_version: '1',
    ...change,
  };
}

const variables = [
  variableOf('imitation', {
    label: 'pull to adopt',
    unit: 'per year',
    maximum: 0.8,
    default: 0.38,
    value: 0.38,
    source: 'assumption: a study',
    assumption: true,
  }),
  variableOf('price', { minimum: 0.01, maximum: 100 }),
  variableOf('media_use', { kind: 'attribute', default: null, value: null, mean: 0.5 }),
];

const sent = vi.fn<(request: Request) => Response>();

beforeAll(() => {
  // jsdom knows the dialog element, not how it opens.
  HTMLDialogElement.prototype.showModal = function show() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  configureClient();
});

beforeEach(() => {
  sent.mockReset();
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
    Promise.resolve(sent(new Request(input, init))),
  );
});

afterEach(() => vi.unstubAllGlobals());

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
    },
  });

function renderSheet(node = detailOf('root'), offered = variables) {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  client.setQueryData(nodeOptions('root').queryKey, node);
  const onTuned = vi.fn();
  render(
    <QueryClientProvider client={client}>
      <TuneSheet
        projectId="project"
        nodeId="root"
        variables={offered}
        onClose={() => undefined}
        onTuned={onTuned}
      />
    </QueryClientProvider>,
  );
  return { onTuned, user: userEvent.setup() };
}

const submit = () => screen.getByRole('button', { name: 'Tune and run' });
const field = (name: string) => screen.getByRole('spinbutton', { name });

test('every variable has a labelled number and slider, its range, default and source', () => {
  renderSheet();
  const [first] = within(screen.getByRole('list', { name: 'Variables' })).getAllByRole('listitem');
  expect(first).toHaveTextContent('assumption');
  expect(field('Imitation')).toHaveValue(0.38);
  expect(field('Imitation')).toHaveAccessibleDescription(
    /0 to 0.8.per year, default 0.38.*a study/,
  );
  expect(screen.getByRole('slider', { name: 'Imitation, slider' })).toHaveAttribute(
    'aria-valuetext',
    '0.38\u00a0per year',
  );
  expect(field('Media use')).toHaveAccessibleDescription(/mean 0.5/);
});

test('a change is told from a value', () => {
  renderSheet();
  const [imitation, , use] = screen.getAllByRole('listitem');
  expect(imitation).toHaveTextContent(/^Imitation per year/);
  expect(use).toHaveTextContent(/^Media use change in %/);
});

test('a search without a match says so, and keeps what is changed in sight', async () => {
  const many = Array.from({ length: 9 }, (_, index) => variableOf(`cost_${index}`));
  const { user } = renderSheet(detailOf('root'), many);
  await user.clear(field('Cost 3'));
  await user.type(field('Cost 3'), '0.5');
  const search = screen.getByRole('searchbox', { name: 'Find a variable' });
  await user.type(search, 'zebra');
  expect(search).toHaveAccessibleDescription('None of 9 is called like “zebra”.');
  expect(screen.getAllByRole('listitem')).toHaveLength(1);
  await user.clear(search);
  await user.type(search, 'cost 1');
  expect(search).not.toHaveAccessibleDescription();
});

test('nothing is sent before something is changed', async () => {
  const { user } = renderSheet();
  expect(screen.getByText('Nothing is changed yet.')).toBeInTheDocument();
  await user.click(submit());
  expect(sent).not.toHaveBeenCalled();
});

test('only changed values are sent, with one key, and the child is handed over', async () => {
  sent.mockImplementation(() => json(201, detailOf('child', { parent_id: 'root' })));
  const { user, onTuned } = renderSheet();
  fireEvent.change(screen.getByRole('slider', { name: 'Imitation, slider' }), {
    target: { value: '75' },
  });
  await user.clear(field('Media use'));
  await user.type(field('Media use'), '-20');
  expect(screen.getByText('2 values changed')).toBeInTheDocument();
  await user.click(submit());
  await waitFor(() => expect(onTuned).toHaveBeenCalledWith('child'));
  const requests = sent.mock.calls.map(([request]) => request);
  const [request, ...others] = requests.filter(({ url }) => !url.endsWith('/tune/preview'));
  expect(others).toEqual([]);
  expect(request?.url).toMatch(/\/api\/v1\/nodes\/root\/tune$/);
  expect(request?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
  expect(await request?.json()).toEqual({
    values: { imitation: 0.6, media_use: { operation: 'multiply', value: 0.8 } },
  });
});

test('a value outside its range is named at its field, which takes the focus', async () => {
  const { user } = renderSheet();
  await user.clear(field('Imitation'));
  await user.type(field('Imitation'), '2');
  await user.click(submit());
  expect(sent).not.toHaveBeenCalled();
  expect(field('Imitation')).toBeInvalid();
  expect(field('Imitation')).toHaveFocus();
  expect(field('Imitation')).toHaveAccessibleDescription(/From 0 to 0.8.per year\./);
});

test('what changes nothing or may be a slip is said before it runs', async () => {
  const said = (problem: string, warning: string) => ({ sentence: '', problem, warning });
  sent.mockImplementation(({ url }) =>
    url.endsWith('/tune/preview')
      ? json(200, {
          values: {
            imitation: said('0.4 now, so this changes nothing.', ''),
            price: said('', 'Did you mean 8?'),
          },
        })
      : json(201, detailOf('child', { parent_id: 'root' })),
  );
  const { user, onTuned } = renderSheet();
  await user.clear(field('Price'));
  await user.type(field('Price'), '80');
  await user.clear(field('Imitation'));
  await user.type(field('Imitation'), '0.4');
  expect(await screen.findByText('Did you mean 8?')).toBeInTheDocument();
  expect(field('Price')).toBeValid();
  expect(field('Imitation')).toHaveAccessibleDescription(/so this changes nothing/);
  await user.click(submit());
  expect(field('Imitation')).toHaveFocus();
  expect(onTuned).not.toHaveBeenCalled();
  // What was said of one value is not said of the next.
  await user.clear(field('Imitation'));
  await user.type(field('Imitation'), '0.5');
  expect(field('Imitation')).toBeValid();
});

test('what the server refuses is named at its field', async () => {
  sent.mockImplementation(() =>
    json(422, {
      type: 'about:blank',
      title: 'The events cannot be run',
      status: 422,
      detail: 'values.price: too dear.',
      code: 'event_script_invalid',
      errors: [{ field: 'values.price', message: 'too dear.' }],
    }),
  );
  const { user, onTuned } = renderSheet();
  await user.clear(field('Price'));
  await user.type(field('Price'), '90');
  await user.click(submit());
  await waitFor(() => expect(field('Price')).toBeInvalid());
  expect(field('Price')).toHaveAccessibleDescription(/too dear\./);
  expect(onTuned).not.toHaveBeenCalled();
  // Typing on withdraws the complaint about the older value.
  await user.clear(field('Price'));
  await user.type(field('Price'), '50');
  expect(field('Price')).toBeValid();
});

test('a copy starts where the version stands, and says what acts already', async () => {
  const script = scriptOf({ operation: 'set', value: 2, sentence: 'price set to 2' });
  const { user } = renderSheet(detailOf('root', { event_scripts: [script] }));
  expect(field('Price')).toHaveValue(2);
  expect(screen.getByText('Already: price set to 2')).toBeInTheDocument();
  await user.clear(field('Price'));
  await user.type(field('Price'), '3');
  await user.click(screen.getByRole('button', { name: 'Back to 2' }));
  expect(field('Price')).toHaveValue(2);
  expect(screen.getByText('Nothing is changed yet.')).toBeInTheDocument();
});
