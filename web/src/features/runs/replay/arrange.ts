/** Gives every persona a fixed pixel: blocks per region, bands per segment, sorted by first state. */

export interface Groups {
  regions: readonly string[];
  segments: readonly string[];
  /** Index into `regions` of every persona. */
  region: Uint8Array;
  segment: Uint8Array;
}

/** Personas of one segment within a region, in drawing order. */
export interface Band {
  segment: string;
  personas: Int32Array;
}

export interface Block {
  region: string;
  bands: Band[];
  size: number;
}

export interface Filter {
  region?: string | undefined;
  segment?: string | undefined;
}

/**
 * Sorted by the state at the start, a block begins as clean stripes; each change then shows as a
 * pixel that has left its stripe. A persona keeps its pixel at every tick.
 */
export function arrange(groups: Groups, first: Uint8Array, filter: Filter = {}): Block[] {
  const bands = countingSort(groups, first);
  return groups.regions.flatMap((region, regionIndex) => {
    if (filter.region !== undefined && filter.region !== region) return [];
    const kept = groups.segments.flatMap((segment, segmentIndex): Band[] => {
      if (filter.segment !== undefined && filter.segment !== segment) return [];
      const personas = bands[regionIndex * groups.segments.length + segmentIndex];
      return personas && personas.length > 0 ? [{ segment, personas }] : [];
    });
    const size = kept.reduce((sum, band) => sum + band.personas.length, 0);
    return size === 0 ? [] : [{ region, bands: kept, size }];
  });
}

const mostStates = 256;

/** Personas of each (region, segment) cell ordered by state, in two passes over everybody. */
function countingSort(groups: Groups, first: Uint8Array): Int32Array[] {
  const cells = groups.regions.length * groups.segments.length;
  const cellOf = (persona: number) =>
    (groups.region[persona] ?? 0) * groups.segments.length + (groups.segment[persona] ?? 0);
  const counts = new Int32Array(cells * mostStates);
  const sizes = new Int32Array(cells);
  for (let persona = 0; persona < first.length; persona += 1) {
    const cell = cellOf(persona);
    const slot = cell * mostStates + (first[persona] ?? 0);
    counts[slot] = (counts[slot] ?? 0) + 1;
    sizes[cell] = (sizes[cell] ?? 0) + 1;
  }
  const starts = new Int32Array(cells * mostStates);
  for (let cell = 0; cell < cells; cell += 1) {
    let at = 0;
    for (let state = 0; state < mostStates; state += 1) {
      const slot = cell * mostStates + state;
      starts[slot] = at;
      at += counts[slot] ?? 0;
    }
  }
  const bands = Array.from({ length: cells }, (_, cell) => new Int32Array(sizes[cell] ?? 0));
  for (let persona = 0; persona < first.length; persona += 1) {
    const cell = cellOf(persona);
    const slot = cell * mostStates + (first[persona] ?? 0);
    const at = starts[slot] ?? 0;
    const band = bands[cell];
    if (band) band[at] = persona;
    starts[slot] = at + 1;
  }
  return bands;
}

/** Rows of pixels that a block needs at a width; a blank row parts its segments. */
export function blockRows(block: Block, columns: number): number {
  const rows = block.bands.reduce(
    (sum, band) => sum + Math.ceil(band.personas.length / columns),
    0,
  );
  return rows + Math.max(0, block.bands.length - 1);
}

/** Whose pixel that is, counted from the block's upper left; null: nobody's. */
export function personaAt(
  block: Block,
  columns: number,
  pixel: { column: number; row: number },
): number | null {
  let { row } = pixel;
  for (const { personas } of block.bands) {
    const rows = Math.ceil(personas.length / columns);
    if (row < rows) return personas[row * columns + pixel.column] ?? null;
    row -= rows + 1;
    if (row < 0) return null;
  }
  return null;
}

/** Largest whole pixel size at which everybody fits the wished height. */
export function pixelSize(personas: number, width: number, height: number): number {
  const size = Math.floor(Math.sqrt((width * height) / Math.max(1, personas)));
  return Math.min(8, Math.max(1, size));
}
