import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { nodeOf, strip } from '@tests/factories/universe';
import { beforeEach, expect, test, vi } from 'vitest';
import { shareAxis } from '@/ui/charts/geometry';
import { UniverseMap } from './universe-map';

const nodes = [
  nodeOf('root', { label: 'Baseline' }),
  nodeOf('a', {
    label: 'Cheaper',
    parent_id: 'root',
    difference: strip(0.02, 0.03, 0.04),
    created_at: '2026-01-02T00:00:00Z',
  }),
  nodeOf('b', { label: 'Dearer', parent_id: 'root', created_at: '2026-01-03T00:00:00Z' }),
];

beforeEach(() => {
  // jsdom has no canvas; cards and keys work without one.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});

function renderMap() {
  const calls = { onSelect: vi.fn(), onCompare: vi.fn(), onTune: vi.fn(), onAsk: vi.fn() };
  render(
    <UniverseMap
      nodes={nodes}
      selectedId={null}
      compared={['b']}
      progress={new Map()}
      axis={shareAxis([0, 0.1])}
      {...calls}
    />,
  );
  return calls;
}

const card = (name: RegExp) => screen.getByRole('button', { name });

test('the map is a named region whose cards state the finding', () => {
  renderMap();
  expect(screen.getByRole('region', { name: 'Universe map' })).toBeInTheDocument();
  expect(card(/Cheaper/)).toHaveAccessibleName(/5–7\s%.*median 6\s%.*Clearly higher/);
  expect(card(/Dearer/)).toHaveAccessibleName(/compare/);
});

test('arrows walk to child, sibling and parent', async () => {
  renderMap();
  const user = userEvent.setup();
  card(/Baseline/).focus();
  await user.keyboard('{ArrowRight}');
  expect(card(/Cheaper/)).toHaveFocus();
  await user.keyboard('{ArrowDown}');
  expect(card(/Dearer/)).toHaveFocus();
  await user.keyboard('{ArrowLeft}');
  expect(card(/Baseline/)).toHaveFocus();
});

test('enter inspects, C compares, F forks, slash asks, 1 goes to the start', async () => {
  const { onSelect, onCompare, onTune, onAsk } = renderMap();
  const user = userEvent.setup();
  card(/Cheaper/).focus();
  await user.keyboard('{ArrowDown}');
  card(/Baseline/).focus();
  await user.keyboard('{ArrowRight}');
  await user.keyboard('cf/');
  expect(onCompare).toHaveBeenCalledTimes(1);
  expect(onTune).toHaveBeenCalledTimes(1);
  expect(onAsk).toHaveBeenCalledTimes(1);
  await user.keyboard('1');
  expect(card(/Baseline/)).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(onSelect).toHaveBeenCalledWith('root');
});

test('only one card is in the tab order', () => {
  renderMap();
  const stops = screen
    .getAllByRole('button')
    .filter((button) => button.hasAttribute('data-node') && button.tabIndex === 0);
  expect(stops).toHaveLength(1);
});

test('the legend says what a strip holds', () => {
  renderMap();
  const legend = screen.getByRole('list', { name: 'Legend' });
  expect(legend).toHaveTextContent(/Range of 90\s% of 20 replicates.*Median.*Baseline/);
});
