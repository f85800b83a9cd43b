import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { comparisonOf, differenceOf, levelOf } from '@tests/factories/comparisons';
import { heating, nodeOf, opinions } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type { Band, Comparison, EventScriptWire, Project } from '@/api/generated/types.gen';
import type { Metric } from '@/features/runs';
import { comparisonOptions, newestExplored } from '../queries';
import { drawCompared, eventsOf } from './outcome-drawing';
import { OutcomePanel } from './outcome-panel';

const at = (value: number): Band => ({
  low: [null, value - 0.01, value - 0.01],
  q25: [null, value - 0.005, value - 0.005],
  median: [null, value, value],
  q75: [null, value + 0.005, value + 0.005],
  high: [null, value + 0.01, value + 0.01],
});

const script = (tick: number, sentence: string): EventScriptWire => ({
  variable: 'installation_cost.hp',
  operation: 'multiply',
  value: 0.7,
  scope: { start_tick: tick },
  sentence,
});

const root = nodeOf('root', { label: 'Baseline' });
const cheaper = nodeOf('cheaper', {
  label: 'cheaper heat pumps',
  parent_id: 'root',
  created_at: '2026-01-02T00:00:00Z',
  event_scripts: [script(6, 'heat pumps −30 %')],
});
const dearer = nodeOf('dearer', {
  label: 'dearer gas',
  parent_id: 'cheaper',
  created_at: '2026-01-03T00:00:00Z',
  event_scripts: [script(12, 'gas +10 %')],
});
const failed = nodeOf('failed', {
  parent_id: 'root',
  status: 'failed',
  outcome: null,
  created_at: '2026-01-04T00:00:00Z',
});

const alternatives = [
  { name: 'hp', label: 'heat pump', personas: 100 },
  { name: 'gc', label: 'central gas', personas: 900 },
];

const levels = [{ name: 'comfort', label: 'comfort', unit: 'points', minimum: 0, maximum: 9 }];

function compared(branchId: string, metric: Metric, clear = true): Comparison {
  return comparisonOf({
    metric,
    branch_node_id: branchId,
    alternatives,
    sentence: `Heat pump, ${metric} of ${branchId}: 5–7 % against 3–4 %.`,
    ticks: [0, 1, 2],
    series: alternatives.map(({ name }) => ({
      metric,
      alternative: name,
      base: at(0.03),
      branch: at(0.06),
      difference: at(0.03),
    })),
    levels: [levelOf('comfort', { unit: 'points' })],
    level_series: [{ name: 'comfort', base: at(0.5), branch: at(0.6), difference: at(0.1) }],
    differences: alternatives.map(({ name }) => differenceOf(name, { metric, clear })),
  });
}

function renderPanel(
  selected: typeof root | null = null,
  nodes = [root, cheaper, dearer, failed],
  clear = true,
) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  for (const id of ['cheaper', 'dearer']) {
    client.setQueryData(
      comparisonOptions({
        baseId: 'root',
        branchId: id,
        metric: 'flow_share',
        from: 1,
        to: 36,
      }).queryKey,
      compared(id, 'flow_share', clear),
    );
    client.setQueryData(
      comparisonOptions({ baseId: 'root', branchId: id, metric: 'stock_share' }).queryKey,
      compared(id, 'stock_share'),
    );
  }
  const project = {
    id: 'project',
    outcome_alternative: 'hp',
    domain_template: 'consumer_choice',
    tick_unit: 'month',
    metrics: ['flow_share', 'stock_share'],
    words: heating.words,
  } as Project;
  return render(
    <QueryClientProvider client={client}>
      <OutcomePanel
        project={project}
        nodes={nodes}
        selected={selected}
        registry={{ alternatives, levels }}
      />
    </QueryClientProvider>,
  );
}

const chart = () => screen.getByRole('img', { name: /by month against the baseline/ });

test('with nothing selected the newest explored branch is drawn against the dashed baseline', () => {
  renderPanel();
  const panel = screen.getByRole('region', { name: 'Outcome against the baseline' });
  expect(within(panel).getByRole('heading', { name: /flow_share of dearer/ })).toBeInTheDocument();
  expect(chart()).toHaveAccessibleName(/^Heat pump, share of new installations .* 5–7 % against/);
  const dashed = chart().querySelectorAll('[data-part="baseline"] [stroke-dasharray]');
  expect(dashed).toHaveLength(1);
  expect(chart().querySelectorAll('[data-part="series"] [data-part="band-90"]')).toHaveLength(1);
});

test('the selected node wins, and what it inherits is marked with what it changes', () => {
  renderPanel(cheaper);
  expect(screen.getByRole('heading', { name: /of cheaper/ })).toBeInTheDocument();
  expect(chart().querySelectorAll('[data-part="event"]')).toHaveLength(1);
  expect(eventsOf(dearer, [root, cheaper, dearer])).toEqual([
    { tick: 6, label: 'heat pumps −30 %' },
    { tick: 12, label: 'gas +10 %' },
  ]);
});

test('the stock and every other alternative are one choice away, each with its own answer', async () => {
  renderPanel(cheaper);
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Systems' }));
  expect(screen.getByRole('heading', { name: /stock_share of cheaper/ })).toBeInTheDocument();
  await user.selectOptions(screen.getByRole('combobox', { name: 'Outcome of the chart' }), 'gc');
  expect(
    screen.getByRole('heading', { name: /^Central gas: share of systems .* against/ }),
  ).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Table' }));
  expect(screen.getByRole('columnheader', { name: 'Difference high' })).toBeInTheDocument();
});

test('the mean of a level is drawn against the dashed baseline, in its unit', async () => {
  renderPanel(cheaper);
  const user = userEvent.setup();
  const choose = screen.getByRole('combobox', { name: 'Outcome of the chart' });
  await user.selectOptions(choose, 'level:comfort');
  expect(
    screen.getByRole('heading', { name: /^Mean comfort in month.52 is .*points/ }),
  ).toBeInTheDocument();
  expect(chart().querySelectorAll('[data-part="baseline"] [stroke-dasharray]')).toHaveLength(1);
  expect(chart().querySelector('[data-part="unit"]')).toHaveTextContent('points');
  expect(screen.queryByRole('button', { name: 'Systems' })).not.toBeInTheDocument();
});

test('where the share stays but a mean moves, the chart says where to look', () => {
  renderPanel(cheaper, undefined, false);
  expect(screen.getByText(/Clearly different: mean comfort\./)).toBeInTheDocument();
});

test('a share that rose and fell again is told at its highest too', () => {
  const band = (median: number[]) => ({
    low: median,
    q25: median,
    median,
    q75: median,
    high: median,
  });
  const wave: Comparison = {
    ...compared('cheaper', 'stock_share'),
    series: alternatives.map(({ name }) => ({
      metric: 'stock_share',
      alternative: name,
      base: band([0.01, 0.05, 0.02]),
      branch: band([0.01, 0.5, 0]),
      difference: at(0),
    })),
  };
  const subject = {
    kind: 'share',
    metric: 'stock_share',
    alternative: 'hp',
    label: 'ill',
  } as const;
  const days = { ...opinions, unit: 'day' } as const;
  const drawn = (comparison: Comparison) =>
    drawCompared(comparison, { ...subject, isOutcome: true }, days)?.peak;
  expect(drawn(wave)?.replaceAll('\u00a0', ' ')).toBe(
    'Highest median: 50.00 % on day 1, baseline 5.00 % on day 1.',
  );
  expect(drawn(compared('cheaper', 'stock_share'))).toBeUndefined();
});

test('where the share moves, no mean is offered instead', () => {
  renderPanel(cheaper);
  expect(screen.queryByText(/Clearly different/)).not.toBeInTheDocument();
});

test('a branch that was never finished is not what is shown first', () => {
  expect(newestExplored([root, cheaper, failed])?.id).toBe('cheaper');
  expect(newestExplored([root, failed])).toBeNull();
});

test('before the baseline has been run there is nothing to draw', () => {
  const { container } = renderPanel(null, [nodeOf('root', { status: 'not_run', outcome: null })]);
  expect(container).toBeEmptyDOMElement();
});
