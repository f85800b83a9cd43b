import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { nodeOf, strip } from '@tests/factories/universe';
import { expect, test, vi } from 'vitest';
import { shareAxis } from '@/ui/charts/geometry';
import { NodeTree } from './node-tree';

const nodes = [
  nodeOf('root', { label: 'Baseline' }),
  nodeOf('a', {
    label: 'Cheaper',
    parent_id: 'root',
    difference: strip(0.02, 0.03, 0.04),
    created_at: '2026-01-02T00:00:00Z',
  }),
  nodeOf('aa', {
    label: 'Dearer gas',
    parent_id: 'a',
    status: 'failed',
    outcome: null,
    created_at: '2026-01-03T00:00:00Z',
  }),
];

function renderTree() {
  const onSelect = vi.fn();
  const onCompare = vi.fn();
  const onTune = vi.fn();
  render(
    <NodeTree
      nodes={nodes}
      selectedId={null}
      compared={[]}
      axis={shareAxis([0, 0.1])}
      outcomeLabel="Heat pump"
      onSelect={onSelect}
      onCompare={onCompare}
      onTune={onTune}
    />,
  );
  const grid = screen.getByRole('treegrid', { name: 'World versions' });
  return { onSelect, onCompare, onTune, grid };
}

test('every node is a row with its level, outcome and difference', () => {
  const { grid } = renderTree();
  const row = within(grid).getByRole('row', { name: /Cheaper/ });
  expect(row).toHaveAttribute('aria-level', '2');
  expect(row).toHaveTextContent(/5–7\s%/);
  expect(row).toHaveTextContent(/\+2 to \+4\spp/);
  expect(row).toHaveTextContent('higher than the baseline');
});

test('arrows move, enter inspects, C compares, F forks', async () => {
  const { onSelect, onCompare, onTune, grid } = renderTree();
  const user = userEvent.setup();
  within(grid)
    .getByRole('row', { name: /Baseline/ })
    .focus();
  await user.keyboard('{ArrowDown}{Enter}');
  expect(onSelect).toHaveBeenCalledWith('a');
  expect(within(grid).getByRole('row', { name: /Cheaper/ })).toHaveFocus();
  await user.keyboard('cf');
  expect(onCompare).toHaveBeenCalledWith('a');
  expect(onTune).toHaveBeenCalledWith('a');
});

test('left closes a branch and right opens it again', async () => {
  const { grid } = renderTree();
  const user = userEvent.setup();
  within(grid)
    .getByRole('row', { name: /Baseline/ })
    .focus();
  await user.keyboard('{ArrowLeft}');
  expect(within(grid).queryByRole('row', { name: /Cheaper/ })).not.toBeInTheDocument();
  expect(within(grid).getByRole('row', { name: /Baseline/ })).toHaveAttribute(
    'aria-expanded',
    'false',
  );
  await user.keyboard('{ArrowRight}');
  expect(within(grid).getByRole('row', { name: /Cheaper/ })).toBeInTheDocument();
});

test('only one row is in the tab order', () => {
  const { grid } = renderTree();
  const stops = within(grid)
    .getAllByRole('row')
    .filter((row) => row.tabIndex === 0);
  expect(stops).toHaveLength(1);
});
