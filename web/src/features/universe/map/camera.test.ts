import { expect, test } from 'vitest';
import {
  type Camera,
  cardHeight,
  cardWidth,
  columnPitch,
  detailAt,
  frameAll,
  grownFrame,
  restingHeight,
  reveal,
  rowPitch,
  toScreen,
  visiblePlaces,
  zoomAt,
} from './camera';
import { layoutTree } from './layout';

const frame = { width: 1000, height: 600 };
const wide = layoutTree([
  { id: 'root', parentId: null, createdAt: '0' },
  ...Array.from({ length: 400 }, (_, index) => ({
    id: `n${index}`,
    parentId: 'root',
    createdAt: `1-${`${index}`.padStart(4, '0')}`,
  })),
]);
const small = layoutTree([
  { id: 'root', parentId: null, createdAt: '0' },
  { id: 'a', parentId: 'root', createdAt: '1' },
]);

test('cards, strips and ticks follow the room of a row', () => {
  expect(detailAt(1)).toBe('cards');
  expect(detailAt(0.85)).toBe('cards');
  expect(detailAt(0.5)).toBe('strips');
  expect(detailAt(0.1)).toBe('ticks');
});

test('showing all brings the last node into the frame', () => {
  for (const layout of [small, wide]) {
    const camera = frameAll(layout, frame);
    for (const place of layout.places) {
      const at = toScreen(place, camera, layout, frame);
      expect(at.x).toBeGreaterThanOrEqual(0);
      expect(at.y).toBeGreaterThanOrEqual(0);
      expect(at.x).toBeLessThan(frame.width);
      expect(at.y).toBeLessThan(frame.height);
    }
  }
});

test('a small universe is shown as cards at rest', () => {
  expect(frameAll(small, frame).zoom).toBe(1);
});

test('squeezed rows leave the columns filling the frame', () => {
  expect(columnPitch(0.1, wide, frame)).toBeGreaterThan((cardWidth + 88) * 0.1 * 2);
  expect(rowPitch(0.1)).toBeCloseTo(8);
});

test('zooming keeps the point under the pointer', () => {
  const camera: Camera = { x: 40, y: 30, zoom: 1 };
  const at = { x: 40, y: 30 };
  const closer = zoomAt(camera, 1.2, at, wide, frame);
  expect(closer).toMatchObject({ x: 40, y: 30 });
  const away = zoomAt(camera, 0.5, { x: 40, y: 430 }, wide, frame);
  expect((430 - away.y) / rowPitch(away.zoom)).toBeCloseTo((430 - 30) / rowPitch(1));
});

test('a node out of view is brought in, one in view moves nothing', () => {
  const camera: Camera = { x: 40, y: 40, zoom: 1 };
  const far = wide.byId.get('n300');
  const near = wide.byId.get('n0');
  if (!far || !near) throw new Error('the layout lost a node');
  expect(reveal(camera, near, wide, frame)).toBe(camera);
  const moved = reveal(camera, far, wide, frame);
  const at = toScreen(far, moved, wide, frame);
  expect(at.y).toBeGreaterThanOrEqual(0);
  expect(at.y + cardHeight).toBeLessThanOrEqual(frame.height);
});

test('only what touches the frame is visible, and nothing of it is missed', () => {
  const camera: Camera = { x: 40, y: -2000, zoom: 1 };
  const seen = new Set(visiblePlaces(camera, wide, frame).map((place) => place.id));
  for (const place of wide.places) {
    const at = toScreen(place, camera, wide, frame);
    const touches =
      at.x + cardWidth > 0 && at.x < frame.width && at.y + cardHeight > 0 && at.y < frame.height;
    if (touches) expect(seen).toContain(place.id);
  }
  expect(seen.size).toBeLessThan(12);
});

test('at its resting height the map shows every row as a card', () => {
  const few = layoutTree([
    { id: 'root', parentId: null, createdAt: '0' },
    ...['a', 'b', 'c'].map((id) => ({ id, parentId: 'root', createdAt: id })),
  ]);
  const room = { width: 1000, height: restingHeight(few) };
  const camera = frameAll(few, room);
  expect(camera.zoom).toBe(1);
  for (const place of few.places) {
    expect(toScreen(place, camera, few, room).y + cardHeight).toBeLessThan(room.height);
  }
});

test('a map that grows with a new branch moves nothing', () => {
  const one = layoutTree([
    { id: 'root', parentId: null, createdAt: '0' },
    { id: 'a', parentId: 'root', createdAt: '1' },
  ]);
  const two = layoutTree([
    { id: 'root', parentId: null, createdAt: '0' },
    { id: 'a', parentId: 'root', createdAt: '1' },
    { id: 'b', parentId: 'root', createdAt: '2' },
  ]);
  const before = { width: 1000, height: 168 };
  const camera = frameAll(one, before);
  const added = two.byId.get('b');
  if (!added) throw new Error('the layout lost a node');
  expect(reveal(camera, added, two, before)).not.toBe(camera);
  expect(reveal(camera, added, two, grownFrame(before, two, 900))).toBe(camera);
});
