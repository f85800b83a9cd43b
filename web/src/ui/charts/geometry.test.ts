import { expect, test } from 'vitest';
import { share } from '@/lib/format';
import {
  bandPath,
  differenceAxis,
  isolatedPoints,
  linePath,
  meanAxis,
  nearestTick,
  percentAlong,
  shareAxis,
  spreadLabels,
  stackDots,
  writeTick,
} from './geometry';

const same = (value: number) => value;

test('a share axis starts at zero while the data reach near it', () => {
  const axis = shareAxis([0.05, 0.34]);
  expect(axis.from).toBe(0);
  expect(axis.truncated).toBe(false);
  expect(axis.to).toBeGreaterThanOrEqual(0.34);
});

test('no tick of a share axis lies beyond everybody', () => {
  const axis = shareAxis([0.47, 0.95, 0]);
  expect(axis.to).toBe(1);
  expect(Math.max(...axis.ticks)).toBe(1);
});

test('an axis of means holds its unit: beyond one, below zero, cut only far from zero', () => {
  expect(meanAxis([200, 900])).toMatchObject({ from: 0, truncated: false });
  expect(meanAxis([7400, 7500]).truncated).toBe(true);
  expect(meanAxis([-30, 12])).toMatchObject({ truncated: false });
  expect(meanAxis([-30, 12]).from).toBeLessThan(-30);
  expect(meanAxis([-7500, -7400]).truncated).toBe(true);
  const flat = meanAxis([0.5, 0.5]);
  expect(flat.from).toBeLessThan(0.5);
  expect(flat.to).toBeGreaterThan(0.5);
});

test('a share axis far from zero is cut and says so', () => {
  const axis = shareAxis([0.61, 0.63]);
  expect(axis.from).toBeGreaterThan(0.5);
  expect(axis.truncated).toBe(true);
  expect(axis.to).toBeLessThanOrEqual(1);
});

test('a share axis without a single value spans everything', () => {
  expect(shareAxis([null, null])).toMatchObject({ from: 0, to: 1, truncated: false });
});

test('a difference axis always holds zero', () => {
  expect(differenceAxis([0.03, 0.05]).from).toBeLessThanOrEqual(0);
  expect(differenceAxis([-0.05, -0.03]).to).toBeGreaterThanOrEqual(0);
});

test('a line breaks at a missing month instead of bridging it', () => {
  const path = linePath([1, 2, 3, 4, 5], [1, 2, null, 4, 5], same, same);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path).not.toContain('3,');
});

test('a band breaks where either bound is missing', () => {
  const path = bandPath([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], [2, 2, null, 2, 2], same, same);
  expect(path.match(/M/g)).toHaveLength(2);
});

test('a value alone between two gaps is found, since its line has no length', () => {
  expect(isolatedPoints([null, 1, null, 2, 3, null])).toEqual([1]);
});

test('positions stay within the axis', () => {
  expect(percentAlong({ from: 0, to: 2 }, 1)).toBe(50);
  expect(percentAlong({ from: 0, to: 2 }, 9)).toBe(100);
  expect(percentAlong({ from: 0, to: 2 }, -9)).toBe(0);
});

test('the nearest month wins', () => {
  expect(nearestTick([0, 1, 2], 1.4)).toBe(1);
  expect(nearestTick([], 1)).toBeNull();
});

test('no two dots share a place, and every value has one', () => {
  const values = Array.from({ length: 20 }, (_, index) => 0.3 + (index % 7) * 0.001);
  const places = stackDots(values, { from: 0.2, to: 0.5 }, 24);
  expect(places).toHaveLength(20);
  expect(new Set(places.map((place) => `${place.column}:${place.row}`)).size).toBe(20);
});

test('labels that would overlap are moved apart, the others stay', () => {
  const places = spreadLabels([50, 52, 200], 14, 0, 300);
  expect(places[2]).toBe(200);
  expect(Math.abs((places[0] ?? 0) - (places[1] ?? 0))).toBeGreaterThanOrEqual(14);
});

test('labels at the lower edge are pushed up again', () => {
  expect(spreadLabels([99, 100], 14, 0, 100)).toEqual([86, 100]);
});

test('neighbouring ticks never read the same', () => {
  for (const top of [0.0006, 0.002, 0.004, 0.008, 0.02, 0.05, 0.3, 0.9]) {
    const axis = shareAxis([0, top]);
    const texts = axis.ticks.map((tick) => writeTick(share, tick, axis));
    expect(new Set(texts).size, `${top}: ${texts.join(' ')}`).toBe(texts.length);
  }
});
