import { render, screen, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import type { Sweep, SweepPoint } from '@/api/generated/types.gen';
import { SweepPanels } from './sweep-page';

vi.mock('@tanstack/react-router', () => ({
  Link: ({ children }: { children: ReactNode }) => <a href="/">{children}</a>,
}));

const pointOf = (value: number, median: number | null): SweepPoint => ({
  node_id: `n${value}`,
  value,
  outcome:
    median === null
      ? null
      : {
          metric: 'flow_share',
          alternative: 'bus',
          low: median - 0.01,
          median,
          high: median + 0.01,
          dots: [],
          interval: { level: 0.9, kind: 'replicates', replicates: 20 } as never,
          from_tick: 1,
          to_tick: 36,
        },
  difference: null,
});

const sweep: Sweep = {
  node_id: 'n6',
  variable: 'fare.bus',
  label: 'fare of bus',
  unit: 'USD',
  alternative: 'bus',
  alternative_label: 'bus',
  metric: 'flow_share',
  share_of: 'trips',
  headline: 'without_social_rules',
  points: [pointOf(5, 0.3), pointOf(6, 0.25), pointOf(7, null)],
  elasticities: [{ from_value: 5, to_value: 6, low: -1.2, median: -1, high: -0.8, clear: true }],
};

test('values stand in order with their shares, what still runs is counted, and arcs have intervals', () => {
  render(<SweepPanels projectId="p" sweep={sweep} />);
  const chart = screen.getByRole('table', { name: 'Bus, share of trips, by fare of bus' });
  expect(
    within(chart)
      .getAllByRole('link')
      .map((link) => link.textContent),
  ).toEqual(['$5', '$6']);
  expect(screen.getByText('1 of 3 values still run')).toBeInTheDocument();
  const arcs = screen.getByRole('region', { name: 'Arc elasticity between neighbouring values' });
  expect(within(arcs).getByText('$5 and $6')).toBeInTheDocument();
  expect(within(arcs).getByText(/−1\.2.* to −0\.8/)).toBeInTheDocument();
});
