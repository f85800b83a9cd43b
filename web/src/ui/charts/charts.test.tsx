import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { points, share } from '@/lib/format';
import { Fan } from './fan';
import { Figure } from './figure';
import { differenceAxis, shareAxis } from './geometry';
import { IntervalStrip } from './interval-strip';
import { QuantileDots } from './quantile-dots';
import { StripTable } from './strip-table';
import { TickScrubber } from './tick-scrubber';

const flat = (values: (number | null)[]) => ({
  low: values.map((value) => (value === null ? null : value - 0.01)),
  q25: values.map((value) => (value === null ? null : value - 0.005)),
  median: values,
  q75: values.map((value) => (value === null ? null : value + 0.005)),
  high: values.map((value) => (value === null ? null : value + 0.01)),
});

const parts = (root: Element, part: string) => root.querySelectorAll(`[data-part="${part}"]`);

test('dots above the baseline are filled and can be counted', () => {
  const dots = Array.from({ length: 20 }, (_, index) => 0.05 + index * 0.001);
  const { container } = render(
    <QuantileDots
      name="13 of 20 futures lie above the baseline"
      dots={dots}
      axis={shareAxis([0.04, 0.08])}
      format={share}
      baseline={{ low: 0.055, median: 0.0565, high: 0.058 }}
    />,
  );
  expect(screen.getByRole('img', { name: /13 of 20 futures/ })).toBeInTheDocument();
  expect(parts(container, 'dot-above')).toHaveLength(13);
  expect(parts(container, 'dot-below')).toHaveLength(7);
});

test('labels at the ends of the dots’ axis are not cut', () => {
  const { container } = render(
    <QuantileDots
      name="all alike"
      dots={Array.from({ length: 20 }, () => 0.2934)}
      axis={shareAxis([0.2934, 0.2934], 3)}
      format={share}
    />,
  );
  const labels = [...container.querySelectorAll('text')];
  const [first, last] = [labels[0], labels.at(-1)];
  const half = (text: Element | undefined) => ((text?.textContent ?? '').length * 6.6) / 2;
  expect(Number(first?.getAttribute('x'))).toBeGreaterThanOrEqual(half(first));
  expect(Number(last?.getAttribute('x'))).toBeLessThanOrEqual(320 - half(last));
});

test('a fan draws both bands and the median, and the baseline dashed', () => {
  const { container } = render(
    <Fan
      name="Heat pumps gain about 3 percentage points"
      across="month"
      ticks={[0, 1, 2]}
      axis={shareAxis([0, 0.1])}
      format={share}
      series={[
        { label: 'base', band: flat([null, 0.06, 0.06]), tone: 'baseline' },
        { label: 'branch', band: flat([null, 0.09, 0.09]), tone: 'accent' },
      ]}
    />,
  );
  expect(screen.getByRole('img', { name: /gain about 3/ })).toBeInTheDocument();
  expect(parts(container, 'band-90')).toHaveLength(2);
  expect(parts(container, 'band-50')).toHaveLength(2);
  const [base, branch] = parts(container, 'median');
  expect(base).toHaveAttribute('stroke-dasharray');
  expect(branch).not.toHaveAttribute('stroke-dasharray');
});

test.each([
  ['month', 24, ['0', '6', '12', '18', '24']],
  ['quarter', 16, ['0', '4', '8', '12', '16']],
  ['day', 60, ['0', '10', '20', '30', '40', '50', '60']],
  ['week', 52, ['0', '13', '26', '39', '52']],
])('the lower axis names its %s and steps as its clock does', (unit, last, marks) => {
  const { container } = render(
    <Fan
      name="steps"
      across={unit}
      ticks={[0, last]}
      axis={shareAxis([0, 0.1])}
      format={share}
      series={[{ label: 'branch', band: flat([0.06, 0.06]), tone: 'accent' }]}
    />,
  );
  const [axis] = parts(container, 'tick-axis');
  const texts = [...(axis?.querySelectorAll('text') ?? [])].map((text) => text.textContent);
  expect(texts).toEqual([unit, ...marks]);
});

test('single replicates replace the bands on demand', () => {
  const replicates = [
    [0.05, 0.06],
    [0.07, 0.08],
  ];
  const { container } = render(
    <Fan
      name="spaghetti"
      across="month"
      ticks={[1, 2]}
      axis={shareAxis([0, 0.1])}
      format={share}
      spaghetti
      series={[{ label: 'branch', band: flat([0.06, 0.07]), tone: 'accent', replicates }]}
    />,
  );
  expect(parts(container, 'replicate')).toHaveLength(2);
  expect(parts(container, 'band-90')).toHaveLength(0);
});

test('a month alone between gaps is a dot, not a line', () => {
  const { container } = render(
    <Fan
      name="one month"
      across="month"
      ticks={[0, 1, 2]}
      axis={shareAxis([0, 0.1])}
      format={share}
      series={[{ label: 'branch', band: flat([null, 0.06, null]), tone: 'accent' }]}
    />,
  );
  expect(parts(container, 'isolated')).toHaveLength(1);
});

test('a cut axis carries a break mark, an axis from zero does not', () => {
  const strip = (axis: ReturnType<typeof shareAxis>) =>
    render(<IntervalStrip name="share" axis={axis} low={0.62} median={0.63} high={0.64} />);
  expect(parts(strip(shareAxis([0.62, 0.64])).container, 'axis-break')).toHaveLength(1);
  expect(parts(strip(shareAxis([0, 0.64])).container, 'axis-break')).toHaveLength(0);
});

test('a strip beside its own words is hidden from screen readers', () => {
  render(<IntervalStrip name="" axis={shareAxis([0, 1])} low={0.1} median={0.2} high={0.3} />);
  expect(screen.queryByRole('img')).not.toBeInTheDocument();
});

test('differences stand in a real table with range and verdict', () => {
  render(
    <StripTable
      caption="Heat pumps gain, room electric is unclear"
      labelHeader="Alternative"
      valueHeader="Difference"
      axis={differenceAxis([-0.01, 0.03])}
      format={points}
      rows={[
        {
          id: 'hp',
          label: 'Heat pump',
          low: 0.02,
          median: 0.025,
          high: 0.03,
          text: '+2 to +3 pp',
          verdict: 'higher than the baseline',
          tone: 'up',
        },
        {
          id: 'er',
          label: 'Room electric',
          low: -0.01,
          median: 0,
          high: 0.01,
          text: '−1 to +1 pp',
          verdict: 'no clear difference',
          tone: 'unclear',
        },
      ]}
    />,
  );
  const table = screen.getByRole('table', { name: /Heat pumps gain/ });
  const row = within(table).getByRole('row', { name: /Room electric/ });
  expect(row).toHaveTextContent('−1 to +1 pp');
  expect(row).toHaveTextContent('no clear difference');
});

test('a figure shows the same data as a table', async () => {
  render(
    <Figure
      title="Heat pumps gain"
      fileName="gain"
      provenance={[['source', 'a test']]}
      table={{
        columns: ['Month', 'Share'],
        rows: [
          [1, 0.06],
          [2, null],
        ],
        format: (value, column) => (column === 0 ? `${value}` : share(value, 0.02)),
      }}
    >
      <p>drawing</p>
    </Figure>,
  );
  expect(screen.getByRole('figure', { name: 'Heat pumps gain' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Table' }));
  expect(screen.queryByText('drawing')).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /PNG/ })).not.toBeInTheDocument();
  expect(screen.getByRole('cell', { name: /6\s%/ })).toBeInTheDocument();
  expect(screen.getByRole('cell', { name: '—' })).toBeInTheDocument();
});

test('the scrubber is a slider that says its month', () => {
  render(
    <TickScrubber
      label="Month"
      valueText="month 2, heat pump 6 %"
      ticks={[0, 1, 2]}
      tick={2}
      onTick={() => undefined}
      band={flat([null, 0.06, 0.06])}
      axis={shareAxis([0, 0.1])}
      color="red"
      events={[]}
    />,
  );
  const slider = screen.getByRole('slider', { name: 'Month' });
  expect(slider).toHaveValue('2');
  expect(slider).toHaveAttribute('aria-valuetext', 'month 2, heat pump 6 %');
});

test('a range in the answer never breaks over two lines, and its words stay whole', () => {
  const answer = 'Heat pump: 3.1–3.4 % against 1.4–1.8 %: 1.6–1.9 pp higher (90 % of 20).';
  render(
    <Figure
      title={answer}
      table={{ columns: [], rows: [], format: (value) => `${value}` }}
      fileName="answer"
      provenance={[['source', 'a test']]}
    >
      <svg />
    </Figure>,
  );
  const heading = screen.getByRole('heading', { name: answer });
  const kept = [...heading.querySelectorAll('span')].map((span) => span.textContent);
  expect(kept).toEqual(['3.1–3.4 %', '1.4–1.8 %', '1.6–1.9 pp']);
});
