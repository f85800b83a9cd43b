import { expect, test } from 'vitest';
import type { Camera } from './camera';
import { layoutTree, pathToRoot } from './layout';
import { type Brush, type MapNode, type Palette, paintMap, rank, type Scene } from './paint';

const palette: Palette = {
  edge: 'edge',
  line: 'line',
  accent: 'accent',
  warn: 'warn',
  bad: 'bad',
  baseline: 'baseline',
  caption: 'caption',
  text: 'text',
  raised: 'raised',
  mono: 'mono',
};

interface Call {
  name: string;
  at: number[];
  fill: string;
  stroke: string;
  dash: number[];
}

/** A brush that writes down what it was asked to do. */
function recorder() {
  const calls: Call[] = [];
  let dash: number[] = [];
  const note = (name: string, at: number[]) =>
    calls.push({ name, at, fill: `${brush.fillStyle}`, stroke: `${brush.strokeStyle}`, dash });
  const brush: Brush = {
    fillStyle: '',
    strokeStyle: '',
    lineWidth: 1,
    globalAlpha: 1,
    font: '',
    beginPath: () => note('beginPath', []),
    stroke: () => note('stroke', []),
    setLineDash: (segments: number[]) => {
      dash = [...segments];
    },
    clearRect: (...at: number[]) => note('clearRect', at),
    fillRect: (...at: number[]) => note('fillRect', at),
    fillText: (_text: string, ...at: number[]) => note('fillText', at),
    moveTo: (...at: number[]) => note('moveTo', at),
    lineTo: (...at: number[]) => note('lineTo', at),
    bezierCurveTo: (...at: number[]) => note('bezierCurveTo', at),
  };
  return { brush, calls, of: (name: string) => calls.filter((call) => call.name === name) };
}

function node(id: string, change: Partial<MapNode> = {}): MapNode {
  const outcome = { low: 0.05, median: 0.06, high: 0.07 };
  return { id, label: id, status: 'explored', outcome, difference: null, ...change };
}

function scene(nodes: MapNode[], camera: Camera, selected: string | null = null): Scene {
  const layout = layoutTree(
    nodes.map((entry, index) => ({
      id: entry.id,
      parentId: index === 0 ? null : 'root',
      createdAt: `${index}`.padStart(6, '0'),
    })),
  );
  return {
    frame: { width: 1000, height: 600 },
    camera,
    layout,
    nodes: new Map(nodes.map((entry) => [entry.id, entry])),
    path: new Set(pathToRoot(layout, selected ?? undefined)),
    selected,
    axis: { from: 0, to: 0.1 },
    baseline: 0.06,
    palette,
  };
}

test('at card zoom only edges are painted', () => {
  const { brush, of } = recorder();
  paintMap(brush, scene([node('root'), node('a'), node('b')], { x: 0, y: 0, zoom: 1 }));
  expect(of('bezierCurveTo')).toHaveLength(2);
  expect(of('fillRect')).toHaveLength(0);
});

test('the path to the root is drawn in the accent, last', () => {
  const { brush, of } = recorder();
  paintMap(brush, scene([node('root'), node('a'), node('b')], { x: 0, y: 0, zoom: 1 }, 'a'));
  const strokes = of('stroke');
  expect(strokes.map((call) => call.stroke)).toEqual(['edge', 'accent']);
});

test('an edge to a node that has not been run is dashed', () => {
  const { brush, of } = recorder();
  const waiting = node('a', { status: 'not_run', outcome: null });
  paintMap(brush, scene([node('root'), waiting], { x: 0, y: 0, zoom: 1 }));
  expect(of('stroke').map((call) => call.dash)).toEqual([[4, 4]]);
});

test('strips carry the baseline mark and drop text when rows are low', () => {
  const high = recorder();
  paintMap(high.brush, scene([node('root'), node('a')], { x: 0, y: 0, zoom: 0.5 }));
  expect(high.of('fillText')).toHaveLength(2);
  expect(high.of('fillRect').filter((call) => call.fill === 'baseline').length).toBeGreaterThan(0);
  const low = recorder();
  paintMap(low.brush, scene([node('root'), node('a')], { x: 0, y: 0, zoom: 0.2 }));
  expect(low.of('fillText')).toHaveLength(0);
});

test('far away a pixel row goes to the selected, then the failed, then the largest difference', () => {
  const small = node('s', { difference: { low: 0.001, median: 0.002, high: 0.003 } });
  const large = node('l', { difference: { low: -0.06, median: -0.05, high: -0.04 } });
  const failed = node('f', { status: 'failed', outcome: null });
  expect(rank(large, null)).toBeGreaterThan(rank(small, null));
  expect(rank(failed, null)).toBeGreaterThan(rank(large, null));
  expect(rank(small, 's')).toBeGreaterThan(rank(failed, 's'));
});

test('ten thousand nodes cost at most one tick per pixel row and column', () => {
  const nodes = [node('root'), ...Array.from({ length: 10_000 }, (_, index) => node(`n${index}`))];
  const { brush, of } = recorder();
  paintMap(brush, scene(nodes, { x: 0, y: 0, zoom: 0.02 }));
  expect(of('fillRect').length).toBeLessThanOrEqual(2 * 601);
  expect(of('bezierCurveTo').length).toBeLessThanOrEqual(201);
});

test('cyan lies above the baseline, amber below, grey is unclear, red failed', () => {
  const nodes = [
    node('root'),
    node('up', { difference: { low: 0.01, median: 0.02, high: 0.03 } }),
    node('down', { difference: { low: -0.03, median: -0.02, high: -0.01 } }),
    node('flat', { difference: { low: -0.01, median: 0, high: 0.01 } }),
    node('broken', { status: 'failed', outcome: null }),
  ];
  const { brush, of } = recorder();
  paintMap(brush, scene(nodes, { x: 0, y: 0, zoom: 0.1 }));
  const fills = of('fillRect').map((call) => call.fill);
  expect(fills).toEqual(['baseline', 'accent', 'warn', 'baseline', 'bad']);
});
