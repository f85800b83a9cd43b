/** Camera of the universe map. Text is never scaled: rows squeeze, columns keep filling the frame. */
import { bisector } from 'd3-array';
import type { Layout, Place } from './layout';

export interface Frame {
  width: number;
  height: number;
}

/** zoom 1 = cards at rest; x and y are the screen position of the first node. */
export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

export interface Point {
  x: number;
  y: number;
}

/** One step of a gesture: zoom by a factor around a point of the screen, then move by some pixels. */
export interface Gesture {
  factor: number;
  at: Point;
  by: Point;
}

export const cardWidth = 208;
export const cardHeight = 60;
const columnGap = 88;
const rowGap = 20;
const margin = 32;
export const minimumZoom = 0.0002;
export const maximumZoom = 1.25;
const cardZoom = 0.85;
const stripRow = 13;

export type Detail = 'cards' | 'strips' | 'ticks';

export function rowPitch(zoom: number): number {
  return (cardHeight + rowGap) * zoom;
}

export function columnPitch(zoom: number, layout: Layout, frame: Frame): number {
  const natural = (cardWidth + columnGap) * zoom;
  if (zoom >= cardZoom) return natural;
  const smallest = (cardWidth + columnGap) * cardZoom;
  const filling = (frame.width - 2 * margin) / Math.max(1, layout.columns);
  return Math.max(natural, Math.min(smallest, filling));
}

export function detailAt(zoom: number): Detail {
  if (zoom >= cardZoom) return 'cards';
  return rowPitch(zoom) >= stripRow ? 'strips' : 'ticks';
}

export function toScreen(
  place: Pick<Place, 'column' | 'row'>,
  camera: Camera,
  layout: Layout,
  frame: Frame,
): Point {
  return {
    x: camera.x + place.column * columnPitch(camera.zoom, layout, frame),
    y: camera.y + place.row * rowPitch(camera.zoom),
  };
}

/** Zooms by a factor and keeps the world point under the pointer where it is. */
export function zoomAt(
  camera: Camera,
  factor: number,
  at: Point,
  layout: Layout,
  frame: Frame,
): Camera {
  const zoom = Math.min(maximumZoom, Math.max(minimumZoom, camera.zoom * factor));
  const across = columnPitch(zoom, layout, frame) / columnPitch(camera.zoom, layout, frame);
  const down = rowPitch(zoom) / rowPitch(camera.zoom);
  return { zoom, x: at.x - (at.x - camera.x) * across, y: at.y - (at.y - camera.y) * down };
}

export function moved(camera: Camera, gesture: Gesture, layout: Layout, frame: Frame): Camera {
  const zoomed = zoomAt(camera, gesture.factor, gesture.at, layout, frame);
  return { ...zoomed, x: zoomed.x + gesture.by.x, y: zoomed.y + gesture.by.y };
}

/** The least the map takes, and the most of the window's height. */
export const mapHeight = { least: 168, ofWindow: 0.6 } as const;

/** Room that all rows need as cards at rest; the map is no taller than that. */
export function restingHeight(layout: Pick<Layout, 'rows'>): number {
  return layout.rows * (cardHeight + rowGap) - rowGap + 2 * margin;
}

/** The frame the map has once it has grown with its content, which the browser does a moment later. */
export function grownFrame(
  frame: Frame,
  layout: Pick<Layout, 'rows'>,
  windowHeight: number,
): Frame {
  const grown = Math.min(restingHeight(layout), windowHeight * mapHeight.ofWindow);
  return { ...frame, height: Math.max(frame.height, grown) };
}

/** All nodes in view, never larger than cards at rest. */
export function frameAll(layout: Layout, frame: Frame): Camera {
  const wide = (frame.width - 2 * margin + columnGap) / (layout.columns * (cardWidth + columnGap));
  const high = (frame.height - 2 * margin + rowGap) / (layout.rows * (cardHeight + rowGap));
  const zoom = Math.max(minimumZoom, Math.min(1, wide >= cardZoom ? Math.min(wide, high) : high));
  const across = (layout.columns - 1) * columnPitch(zoom, layout, frame) + cardWidth;
  return {
    zoom,
    // From the left and the top, so that a new branch or an opened inspector moves nothing.
    x: Math.max(margin, Math.min(2 * margin, frame.width - across - margin)),
    y: margin,
  };
}

/** The nearest camera that shows a node whole; the same object when it is in view already. */
export function reveal(
  camera: Camera,
  place: Pick<Place, 'column' | 'row'>,
  layout: Layout,
  frame: Frame,
): Camera {
  const at = toScreen(place, camera, layout, frame);
  const dx = shift(at.x, cardWidth, frame.width);
  const dy = shift(at.y, cardHeight, frame.height);
  return dx === 0 && dy === 0 ? camera : { ...camera, x: camera.x + dx, y: camera.y + dy };
}

function shift(start: number, size: number, room: number): number {
  if (start < margin) return margin - start;
  if (start + size > room - margin) return Math.max(margin - start, room - margin - size - start);
  return 0;
}

/** Places that touch the frame, column by column; each column is searched, not scanned. */
export function visiblePlaces(camera: Camera, layout: Layout, frame: Frame): Place[] {
  const across = columnPitch(camera.zoom, layout, frame);
  const down = rowPitch(camera.zoom);
  const firstRow = (-camera.y - cardHeight) / down;
  const lastRow = (frame.height - camera.y) / down;
  const found: Place[] = [];
  layout.byColumn.forEach((column, index) => {
    const x = camera.x + index * across;
    if (x + cardWidth < 0 || x > frame.width) return;
    for (let at = firstAtOrBelow(column, firstRow); at < column.length; at += 1) {
      const place = column[at];
      if (!place || place.row > lastRow) break;
      found.push(place);
    }
  });
  return found;
}

const firstAtOrBelow = bisector((place: Place) => place.row).left;
