/** Dragging, wheel and pinch on the map, read by d3-zoom; what they mean for the camera is ours. */
import { pointers, select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import { type Camera, type Gesture, maximumZoom, minimumZoom, type Point } from './camera';

/** Pixels that a press may move and still be a click on a card. */
const clickDistance = 4;

interface GestureListeners {
  /** Where the camera stands when a gesture begins; null: there is nothing to move yet. */
  camera: () => Camera | null;
  onGesture: (gesture: Gesture) => void;
}

type Transform = Pick<ZoomTransform, 'k' | 'x' | 'y'>;
type MapZoomEvent = D3ZoomEvent<HTMLElement, unknown>;

/** Reports every step of a gesture until the returned function is called. */
export function listenToGestures(stage: HTMLElement, listeners: GestureListeners): () => void {
  let before: ZoomTransform = zoomIdentity;
  let isActive = false;
  // Buttons and keys move the camera too, so a gesture starts from where it stands now.
  const begin = (event: Event) => {
    const camera = listeners.camera();
    if (camera === null || !isMeant(event)) return false;
    if (!isActive) {
      before = zoomIdentity.translate(camera.x, camera.y).scale(camera.zoom);
      select(stage).property('__zoom', before);
    }
    return true;
  };
  const behaviour = zoom<HTMLElement, unknown>()
    .scaleExtent([minimumZoom, maximumZoom])
    .clickDistance(clickDistance)
    .filter(begin)
    .on('start', () => {
      isActive = true;
    })
    .on('zoom', ({ transform, sourceEvent }: MapZoomEvent) => {
      listeners.onGesture(stepBetween(before, transform, middleOf(sourceEvent, stage)));
      before = transform;
    })
    .on('end', () => {
      isActive = false;
    });
  const pan = (event: WheelEvent) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    listeners.onGesture({
      factor: 1,
      at: { x: 0, y: 0 },
      by: { x: -event.deltaX, y: -event.deltaY },
    });
  };
  select(stage).call(behaviour).on('dblclick.zoom', null);
  stage.addEventListener('wheel', pan, { passive: false });
  return () => {
    select(stage).on('.zoom', null);
    stage.removeEventListener('wheel', pan);
  };
}

/** A wheel alone pans, with ctrl it is a pinch; other buttons belong to the browser. */
function isMeant(event: Event): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey;
  return !(event instanceof MouseEvent) || (event.button === 0 && !event.ctrlKey);
}

/** Between two fingers, or where the pointer is. */
function middleOf(event: Event, stage: HTMLElement): Point {
  const at = pointers(event, stage);
  const mean = (axis: 0 | 1) => at.reduce((sum, point) => sum + point[axis], 0) / at.length;
  return { x: mean(0), y: mean(1) };
}

/** What lies under the middle now was at `at` before: it is zoomed there, then moved along. */
export function stepBetween(before: Transform, after: Transform, middle: Point): Gesture {
  const factor = after.k / before.k;
  const at = {
    x: (middle.x - after.x) / factor + before.x,
    y: (middle.y - after.y) / factor + before.y,
  };
  return { factor, at, by: { x: middle.x - at.x, y: middle.y - at.y } };
}
