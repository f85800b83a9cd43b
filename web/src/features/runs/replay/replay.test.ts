import { expect, test } from 'vitest';
import { arrange, blockRows, type Groups, personaAt, pixelSize } from './arrange';
import { blend, decodeBytes, type Paints, paintBlock, parseColor } from './paint';

const groups: Groups = {
  regions: ['north', 'south'],
  segments: ['low', 'high'],
  region: Uint8Array.from([0, 1, 0, 0, 1, 0]),
  segment: Uint8Array.from([0, 0, 1, 0, 0, 0]),
};
const first = Uint8Array.from([2, 0, 1, 0, 1, 1]);
const paints: Paints = {
  states: [
    [10, 0, 0],
    [20, 0, 0],
    [30, 0, 0],
  ],
  changed: [255, 255, 255],
  quiet: [1, 1, 1],
};

const red = (pixels: Uint8ClampedArray) =>
  Array.from({ length: pixels.length / 4 }, (_, index) => pixels[index * 4]);

test('everybody is placed once, in their region, sorted by their first state', () => {
  const blocks = arrange(groups, first);
  expect(blocks.map((block) => [block.region, block.size])).toEqual([
    ['north', 4],
    ['south', 2],
  ]);
  const placed = blocks.flatMap((block) => block.bands.flatMap((band) => [...band.personas]));
  expect([...placed].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...(blocks[0]?.bands[0]?.personas ?? [])]).toEqual([3, 5, 0]);
});

test('a filter leaves out whole regions and segments, never parts', () => {
  expect(arrange(groups, first, { region: 'south' }).map((block) => block.region)).toEqual([
    'south',
  ]);
  const high = arrange(groups, first, { segment: 'high' });
  expect(high).toHaveLength(1);
  expect(high[0]?.size).toBe(1);
});

test('a pixel has the colour of the current state, a change stands out', () => {
  const [block] = arrange(groups, first, { region: 'north' });
  if (!block) throw new Error('no block');
  const columns = 3;
  const pixels = new Uint8ClampedArray(columns * blockRows(block, columns) * 4);
  const now = Uint8Array.from(first);
  now[5] = 2;
  paintBlock(pixels, block, columns, { choices: now, previous: first }, 'state', paints);
  // Band "low" in one row, a blank row, band "high".
  expect(red(pixels)).toEqual([10, 255, 30, 0, 0, 0, 20, 0, 0]);
  expect(pixels[3]).toBe(255);
  expect(pixels[15]).toBe(0);
});

test('a pixel is that of the persona who was drawn there', () => {
  const [block] = arrange(groups, first, { region: 'north' });
  if (!block) throw new Error('no block');
  const at = (column: number, row: number) => personaAt(block, 2, { column, row });
  // Band "low" in two rows, a blank row, band "high".
  expect([at(0, 0), at(1, 0), at(0, 1)]).toEqual([3, 5, 0]);
  expect([at(1, 1), at(0, 2), at(0, 3), at(1, 3), at(0, 9)]).toEqual([null, null, 2, null, null]);
});

test('the layer of changes keeps everybody else quiet and shows the new state', () => {
  const [block] = arrange(groups, first, { region: 'north', segment: 'low' });
  if (!block) throw new Error('no block');
  const pixels = new Uint8ClampedArray(3 * 4);
  const now = Uint8Array.from(first);
  now[5] = 2;
  paintBlock(pixels, block, 3, { choices: now, previous: first }, 'changed', paints);
  expect(red(pixels)).toEqual([1, 30, 1]);
});

test('nobody has changed at the start', () => {
  const [block] = arrange(groups, first, { region: 'south' });
  if (!block) throw new Error('no block');
  const pixels = new Uint8ClampedArray(2 * 4);
  paintBlock(pixels, block, 2, { choices: first, previous: null }, 'state', paints);
  expect(red(pixels)).toEqual([10, 20]);
});

test('pixels are whole and everybody fits', () => {
  expect(pixelSize(100_000, 1100, 420)).toBe(2);
  expect(pixelSize(1, 1100, 420)).toBe(8);
  expect(pixelSize(10_000_000, 300, 100)).toBe(1);
});

test('bytes, colours and blends are read as written', () => {
  expect([...decodeBytes('AAEC/w==')]).toEqual([0, 1, 2, 255]);
  expect(parseColor(' #45d4e4')).toEqual([0x45, 0xd4, 0xe4]);
  expect(blend([0, 100, 200], [100, 100, 100], 0.5)).toEqual([50, 100, 150]);
});
