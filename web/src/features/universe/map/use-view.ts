/** The map's camera, and what is drawn under it: the canvas at every move, React only for new cards. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import {
  type Camera,
  detailAt,
  type Frame,
  frameAll,
  type Gesture,
  moved,
  toScreen,
  visiblePlaces,
} from './camera';
import type { Layout } from './layout';
import { paintMap, type Scene } from './paint';

const mostCards = 160;

/** Everything that is painted, but for where the camera stands. */
export type SceneContent = Omit<Scene, 'camera' | 'frame' | 'layout'>;

export type Look = (change: (camera: Camera, frame: Frame) => Camera) => void;

export interface View {
  canvas: RefObject<HTMLCanvasElement | null>;
  camera: RefObject<Camera | null>;
  /** Ids of the nodes that are near enough to be cards. */
  shown: readonly string[];
  look: Look;
  cardOf: (id: string) => HTMLElement | undefined;
  register: (id: string, element: HTMLElement | null) => void;
}

export function useView(layout: Layout, frame: Frame | null, content: SceneContent): View {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera | null>(null);
  const cards = useRef(new Map<string, HTMLElement>());
  const request = useRef(0);
  const [shown, setShown] = useState<readonly string[]>([]);

  const draw = useCallback(() => {
    request.current = 0;
    if (!frame || layout.places.length === 0) return;
    camera.current ??= frameAll(layout, frame);
    const placed = { frame, camera: camera.current, layout };
    const brush = canvas.current?.getContext('2d');
    if (brush) {
      const ratio = window.devicePixelRatio || 1;
      brush.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintMap(brush, { ...content, ...placed });
    }
    placeCards(cards.current, camera.current, layout, frame);
    const wanted = cardIds(camera.current, layout, frame);
    setShown((known) => (sameIds(known, wanted) ? known : wanted));
  }, [frame, layout, content]);

  const look = useCallback<Look>(
    (change) => {
      if (!frame || !camera.current) return;
      camera.current = change(camera.current, frame);
      if (request.current === 0) request.current = requestAnimationFrame(draw);
    },
    [frame, draw],
  );

  useLayoutEffect(() => {
    draw();
    return () => {
      cancelAnimationFrame(request.current);
      request.current = 0;
    };
  }, [draw]);

  // Cards that have just been rendered still have to be put in their place.
  useLayoutEffect(() => {
    if (frame && camera.current && shown.length > 0)
      placeCards(cards.current, camera.current, layout, frame);
  }, [shown, layout, frame]);

  return {
    canvas,
    camera,
    shown,
    look,
    cardOf: (id) => cards.current.get(id),
    register: (id, element) => {
      if (element) cards.current.set(id, element);
      else cards.current.delete(id);
    },
  };
}

/** Dragging, wheel and pinch; their code comes when the map has been painted. */
export function useGestures(
  stage: RefObject<HTMLElement | null>,
  { camera, look }: View,
  layout: Layout,
): void {
  const follow = (gesture: Gesture) => look((view, frame) => moved(view, gesture, layout, frame));
  // A gesture goes on while the page renders around it, so its listeners stay the same.
  const latest = useRef(follow);
  useLayoutEffect(() => {
    latest.current = follow;
  });
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isGone = false;
    void import('./gestures').then(({ listenToGestures }) => {
      if (isGone || !stage.current) return;
      stop = listenToGestures(stage.current, {
        camera: () => camera.current,
        onGesture: (gesture) => latest.current(gesture),
      });
    });
    return () => {
      isGone = true;
      stop?.();
    };
  }, [stage, camera]);
}

function placeCards(
  cards: ReadonlyMap<string, HTMLElement>,
  camera: Camera,
  layout: Layout,
  frame: Frame,
): void {
  for (const [id, element] of cards) {
    const place = layout.byId.get(id);
    if (!place) continue;
    const at = toScreen(place, camera, layout, frame);
    element.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
  }
}

function cardIds(camera: Camera, layout: Layout, frame: Frame): string[] {
  if (detailAt(camera.zoom) !== 'cards') return [];
  return visiblePlaces(camera, layout, frame)
    .slice(0, mostCards)
    .map((place) => place.id);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
