/** Paints blocks of personas into the bytes of an ImageData, one pixel per persona. */
import type { Block } from './arrange';

/** Red, green, blue. */
export type Color = readonly [number, number, number];

export interface Paints {
  /** By index of the alternative: a system that people choose, or a state they are in. */
  states: readonly Color[];
  /** A persona whose state is another than a tick before. */
  changed: Color;
  /** Everybody else while only changes are shown. */
  quiet: Color;
}

export interface FramePair {
  choices: Uint8Array;
  /** The tick before; null at the start, where nobody has changed. */
  previous: Uint8Array | null;
}

export type Layer = 'state' | 'changed';

const opaque = 255;

export function paintBlock(
  pixels: Uint8ClampedArray,
  block: Block,
  columns: number,
  { choices, previous }: FramePair,
  layer: Layer,
  paints: Paints,
): void {
  pixels.fill(0);
  let row = 0;
  for (const band of block.bands) {
    const { personas } = band;
    for (let index = 0; index < personas.length; index += 1) {
      const persona = personas[index] ?? 0;
      const state = choices[persona] ?? 0;
      const changed = previous !== null && previous[persona] !== state;
      const color = pick(layer, changed, paints, state);
      const at = ((row + Math.floor(index / columns)) * columns + (index % columns)) * 4;
      pixels[at] = color[0];
      pixels[at + 1] = color[1];
      pixels[at + 2] = color[2];
      pixels[at + 3] = opaque;
    }
    row += Math.ceil(personas.length / columns) + 1;
  }
}

function pick(layer: Layer, changed: boolean, paints: Paints, state: number): Color {
  const own = paints.states[state] ?? paints.quiet;
  if (layer === 'changed') return changed ? own : paints.quiet;
  return changed ? paints.changed : own;
}

/** "#45d4e4" as red, green, blue. */
export function parseColor(hex: string): Color {
  const digits = /^#([0-9a-f]{6})$/i.exec(hex.trim())?.[1];
  if (digits === undefined) return [128, 128, 128];
  const value = Number.parseInt(digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Moves a colour towards another; `amount` 0 keeps it, 1 replaces it. */
export function blend(color: Color, towards: Color, amount: number): Color {
  const mix = (index: 0 | 1 | 2) =>
    Math.round(color[index] + (towards[index] - color[index]) * amount);
  return [mix(0), mix(1), mix(2)];
}

/** Bytes of a base64 text as the wire carries them. */
export function decodeBytes(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
