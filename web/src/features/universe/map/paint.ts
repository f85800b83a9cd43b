/** Paints the map: edges always, strips or ticks where cards have no room. Knows no DOM but a context. */
import {
  type Camera,
  cardHeight,
  cardWidth,
  type Detail,
  detailAt,
  type Frame,
  rowPitch,
  toScreen,
  visiblePlaces,
} from './camera';
import type { Layout, Place } from './layout';

export interface MapRange {
  low: number;
  median: number;
  high: number;
}

export interface MapNode {
  id: string;
  label: string;
  status: 'not_run' | 'running' | 'explored' | 'failed' | 'cancelled';
  outcome: MapRange | null;
  difference: MapRange | null;
}

export interface Palette {
  edge: string;
  line: string;
  accent: string;
  warn: string;
  bad: string;
  baseline: string;
  caption: string;
  text: string;
  raised: string;
  mono: string;
}

export interface Scene {
  frame: Frame;
  camera: Camera;
  layout: Layout;
  nodes: ReadonlyMap<string, MapNode>;
  /** The selected node and its ancestors. */
  path: ReadonlySet<string>;
  selected: string | null;
  axis: { from: number; to: number };
  baseline: number | null;
  palette: Palette;
}

export type Brush = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'bezierCurveTo'
  | 'clearRect'
  | 'fillRect'
  | 'fillText'
  | 'lineTo'
  | 'moveTo'
  | 'setLineDash'
  | 'stroke'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'globalAlpha'
  | 'font'
>;

const labelledRow = 30;

export function paintMap(brush: Brush, scene: Scene): void {
  brush.clearRect(0, 0, scene.frame.width, scene.frame.height);
  const visible = visiblePlaces(scene.camera, scene.layout, scene.frame);
  const detail = detailAt(scene.camera.zoom);
  paintEdges(brush, scene, visible, detail);
  if (detail === 'strips') for (const place of visible) paintStrip(brush, scene, place);
  if (detail === 'ticks') paintTicks(brush, scene, visible);
}

/** Where edges leave and reach a node, from its top. */
function anchor(detail: Detail, zoom: number): number {
  return detail === 'cards' ? cardHeight / 2 : Math.min(cardHeight, rowPitch(zoom)) / 2;
}

function paintEdges(brush: Brush, scene: Scene, visible: readonly Place[], detail: Detail): void {
  const { palette, path } = scene;
  const branches = visible.filter((place) => place.parentId !== null);
  const plain = thinned(
    branches.filter((place) => !path.has(place.id)),
    scene,
  );
  const settled = plain.filter((place) => scene.nodes.get(place.id)?.status !== 'not_run');
  const waiting = plain.filter((place) => scene.nodes.get(place.id)?.status === 'not_run');
  strokeEdges(brush, scene, settled, detail, { color: palette.edge, width: 1, dash: [] });
  strokeEdges(brush, scene, waiting, detail, { color: palette.edge, width: 1, dash: [4, 4] });
  const chosen = branches.filter((place) => path.has(place.id));
  strokeEdges(brush, scene, chosen, detail, { color: palette.accent, width: 2, dash: [] });
}

/** Below three pixels a row, edges of one column that would cover each other are drawn once. */
function thinned(places: readonly Place[], scene: Scene): Place[] {
  if (rowPitch(scene.camera.zoom) >= 3) return [...places];
  const drawn = new Set<string>();
  return places.filter((place) => {
    const at = toScreen(place, scene.camera, scene.layout, scene.frame);
    const key = `${place.column}:${Math.round(at.y / 3)}`;
    if (drawn.has(key)) return false;
    drawn.add(key);
    return true;
  });
}

interface Line {
  color: string;
  width: number;
  dash: number[];
}

function strokeEdges(
  brush: Brush,
  scene: Scene,
  places: readonly Place[],
  detail: Detail,
  line: Line,
): void {
  if (places.length === 0) return;
  const down = anchor(detail, scene.camera.zoom);
  brush.beginPath();
  brush.setLineDash(line.dash);
  brush.strokeStyle = line.color;
  brush.lineWidth = line.width;
  for (const place of places) {
    const parent = scene.layout.byId.get(place.parentId ?? '');
    if (!parent) continue;
    const from = toScreen(parent, scene.camera, scene.layout, scene.frame);
    const to = toScreen(place, scene.camera, scene.layout, scene.frame);
    const start = from.x + (detail === 'ticks' ? tickLength(scene) : stripWidth(scene));
    const bend = (start + to.x) / 2;
    brush.moveTo(start, from.y + down);
    brush.bezierCurveTo(bend, from.y + down, bend, to.y + down, to.x, to.y + down);
  }
  brush.stroke();
  brush.setLineDash([]);
}

function pitchAcross(scene: Scene): number {
  const { camera, layout, frame } = scene;
  const first = toScreen({ column: 0, row: 0 }, camera, layout, frame);
  return toScreen({ column: 1, row: 0 }, camera, layout, frame).x - first.x;
}

const stripWidth = (scene: Scene) => Math.min(cardWidth, pitchAcross(scene) * 0.7);
const tickLength = (scene: Scene) => Math.min(48, pitchAcross(scene) * 0.4);

function paintStrip(brush: Brush, scene: Scene, place: Place): void {
  const node = scene.nodes.get(place.id);
  if (!node) return;
  const { palette, axis } = scene;
  const at = toScreen(place, scene.camera, scene.layout, scene.frame);
  const pitch = rowPitch(scene.camera.zoom);
  const room = Math.min(cardHeight, pitch) - 3;
  const width = stripWidth(scene);
  brush.fillStyle = palette.raised;
  brush.fillRect(at.x, at.y, width, room);
  if (pitch >= labelledRow) paintLabel(brush, scene, node, at);
  const middle = pitch >= labelledRow ? at.y + room - 8 : at.y + room / 2;
  const along = (value: number) =>
    at.x + 6 + ((value - axis.from) / Math.max(1e-9, axis.to - axis.from)) * (width - 12);
  if (scene.baseline !== null) {
    brush.fillStyle = palette.baseline;
    brush.fillRect(along(scene.baseline), middle - 5, 1, 10);
  }
  if (node.outcome) {
    const { low, median, high } = node.outcome;
    brush.fillStyle = place.id === scene.selected ? palette.accent : toneColor(node, palette);
    brush.globalAlpha = 0.45;
    brush.fillRect(along(low), middle - 2, Math.max(2, along(high) - along(low)), 4);
    brush.globalAlpha = 1;
    brush.fillRect(along(median) - 1, middle - 4, 2, 8);
  } else {
    brush.fillStyle = toneColor(node, palette);
    brush.fillRect(at.x + 6, middle - 1, 8, 2);
  }
  if (place.id === scene.selected) {
    brush.fillStyle = palette.accent;
    brush.fillRect(at.x, at.y, 2, room);
  }
}

function paintLabel(brush: Brush, scene: Scene, node: MapNode, at: { x: number; y: number }): void {
  brush.fillStyle = scene.palette.text;
  brush.font = `11px ${scene.palette.mono}`;
  const fits = Math.max(0, Math.floor((stripWidth(scene) - 12) / 6.7));
  const text =
    node.label.length > fits ? `${node.label.slice(0, Math.max(0, fits - 1))}…` : node.label;
  brush.fillText(text, at.x + 6, at.y + 14);
}

/** Cyan above the baseline, amber below, grey unclear, red failed. */
export function toneColor(node: MapNode, palette: Palette): string {
  if (node.status === 'failed') return palette.bad;
  if (!node.difference) return palette.baseline;
  if (node.difference.low > 0) return palette.accent;
  if (node.difference.high < 0) return palette.warn;
  return palette.baseline;
}

/** What wins a pixel row that several nodes share: selected, then failed, then largest difference. */
export function rank(node: MapNode, selected: string | null): number {
  if (node.id === selected) return Number.POSITIVE_INFINITY;
  if (node.status === 'failed') return Number.MAX_VALUE;
  return Math.abs(node.difference?.median ?? 0);
}

function paintTicks(brush: Brush, scene: Scene, visible: readonly Place[]): void {
  const thickness = Math.max(1, Math.min(5, Math.floor(rowPitch(scene.camera.zoom)) - 1));
  const winners = new Map<string, { node: MapNode; x: number; y: number }>();
  for (const place of visible) {
    const node = scene.nodes.get(place.id);
    if (!node) continue;
    const at = toScreen(place, scene.camera, scene.layout, scene.frame);
    const y = Math.round(at.y);
    const key = `${place.column}:${y}`;
    const rival = winners.get(key);
    if (!rival || rank(node, scene.selected) > rank(rival.node, scene.selected)) {
      winners.set(key, { node, x: at.x, y });
    }
  }
  const length = tickLength(scene);
  for (const { node, x, y } of winners.values()) {
    brush.fillStyle = toneColor(node, scene.palette);
    brush.fillRect(x, y, node.id === scene.selected ? length + 6 : length, thickness);
  }
}
