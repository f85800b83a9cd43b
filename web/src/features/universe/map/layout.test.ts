import { expect, test } from 'vitest';
import { type LayoutInput, layoutTree, pathToRoot, walk } from './layout';

/** A tree whose shape is fixed by a small linear congruential generator. */
function tree(size: number, seed: number): LayoutInput[] {
  let state = seed;
  const next = (below: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state % below;
  };
  return Array.from({ length: size }, (_, index) => ({
    id: `n${index}`,
    parentId: index === 0 ? null : `n${next(index)}`,
    createdAt: `2026-01-01T00:00:00.${`${index}`.padStart(6, '0')}Z`,
  }));
}

const seeds = [1, 7, 20, 99, 2024];

test.each(seeds)('no two nodes share a place (seed %i)', (seed) => {
  const { places } = layoutTree(tree(300, seed));
  expect(new Set(places.map((place) => `${place.column}:${place.row}`)).size).toBe(300);
});

test.each(seeds)(
  'a parent lies one column left of its children and never below (seed %i)',
  (seed) => {
    const { places, byId } = layoutTree(tree(300, seed));
    for (const place of places) {
      const parent = byId.get(place.parentId ?? '');
      if (!parent) continue;
      expect(place.column).toBe(parent.column + 1);
      expect(place.row).toBeGreaterThanOrEqual(parent.row);
    }
  },
);

test.each(seeds)('a new node moves nothing above it and no column (seed %i)', (seed) => {
  const nodes = tree(200, seed);
  const before = layoutTree(nodes);
  const after = layoutTree([...nodes, { id: 'new', parentId: 'n3', createdAt: '2027-01-01' }]);
  const row = after.byId.get('new')?.row ?? 0;
  for (const place of before.places) {
    const now = after.byId.get(place.id);
    expect(now?.column).toBe(place.column);
    expect(now?.row).toBeGreaterThanOrEqual(place.row);
    if (place.row < row && place.row === before.byId.get('n0')?.row)
      expect(now?.row).toBe(place.row);
  }
});

test('a second child is added below without moving root or first child', () => {
  const root = { id: 'root', parentId: null, createdAt: '2026-01-01' };
  const first = { id: 'a', parentId: 'root', createdAt: '2026-01-02' };
  const second = { id: 'b', parentId: 'root', createdAt: '2026-01-03' };
  const before = layoutTree([root, first]);
  const after = layoutTree([root, first, second]);
  expect(after.byId.get('root')).toEqual(before.byId.get('root'));
  expect(after.byId.get('a')).toEqual(before.byId.get('a'));
  expect(after.byId.get('b')).toMatchObject({ column: 1, row: 1 });
});

test('the order of the answer does not matter', () => {
  const nodes = tree(80, 5);
  const shuffled = [...nodes].reverse();
  const places = new Map(layoutTree(shuffled).places.map((place) => [place.id, place]));
  for (const place of layoutTree(nodes).places) expect(places.get(place.id)).toEqual(place);
});

test('an empty universe has an empty layout', () => {
  expect(layoutTree([])).toMatchObject({ places: [], columns: 0, rows: 0 });
});

test('arrows walk parent, child and neighbours', () => {
  const layout = layoutTree([
    { id: 'root', parentId: null, createdAt: '1' },
    { id: 'a', parentId: 'root', createdAt: '2' },
    { id: 'b', parentId: 'root', createdAt: '3' },
    { id: 'aa', parentId: 'a', createdAt: '4' },
    { id: 'ba', parentId: 'b', createdAt: '5' },
  ]);
  expect(walk(layout, 'root', 'child')).toBe('a');
  expect(walk(layout, 'a', 'next')).toBe('b');
  expect(walk(layout, 'b', 'previous')).toBe('a');
  // Neighbours are those of the column, siblings or not.
  expect(walk(layout, 'aa', 'next')).toBe('ba');
  expect(walk(layout, 'ba', 'parent')).toBe('b');
  expect(walk(layout, 'ba', 'child')).toBeNull();
  expect(walk(layout, 'ba', 'start')).toBe('root');
});

test('the path to the root begins with the node', () => {
  const layout = layoutTree([
    { id: 'root', parentId: null, createdAt: '1' },
    { id: 'a', parentId: 'root', createdAt: '2' },
    { id: 'aa', parentId: 'a', createdAt: '3' },
  ]);
  expect(pathToRoot(layout, 'aa')).toEqual(['aa', 'a', 'root']);
  expect(pathToRoot(layout, undefined)).toEqual([]);
});
