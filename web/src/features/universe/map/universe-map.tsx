import { Maximize, Minus, Plus } from 'lucide-react';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Node } from '@/api/generated/types.gen';
import { IconButton } from '@/ui/button';
import type { ValueAxis } from '@/ui/charts/geometry';
import { announce } from '@/ui/toast';
import { cardName } from '../wording';
import {
  type Camera,
  detailAt,
  type Frame,
  frameAll,
  grownFrame,
  mapHeight,
  restingHeight,
  reveal,
  toScreen,
  visiblePlaces,
  zoomAt,
} from './camera';
import { type Layout, layoutTree, pathToRoot, type Step, walk } from './layout';
import { MapLegend } from './map-legend';
import { NodeCard } from './node-card';
import { type MapNode, paintMap } from './paint';
import { usePalette } from './use-palette';

const mostCards = 160;
const wheelZoom = 0.0016;
const keyZoom = 1.2;

interface UniverseMapProps {
  nodes: readonly Node[];
  selectedId: string | null;
  compared: readonly string[];
  progress: ReadonlyMap<string, number>;
  axis: ValueAxis;
  onSelect: (nodeId: string) => void;
  onCompare: (nodeId: string) => void;
  onTune: (nodeId: string) => void;
  onAsk: () => void;
}

const steps: Record<string, Step> = {
  ArrowLeft: 'parent',
  ArrowRight: 'child',
  ArrowUp: 'previous',
  ArrowDown: 'next',
  '1': 'start',
};

/** Every world version of the project and the interventions between them. */
export function UniverseMap(props: UniverseMapProps) {
  const { nodes, selectedId, compared, progress, axis, onSelect, onCompare, onTune, onAsk } = props;
  const layout = useLayout(nodes);
  const palette = usePalette();
  const region = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera | null>(null);
  const cards = useRef(new Map<string, HTMLElement>());
  const request = useRef(0);
  const frame = useFrame(stage);
  const [shown, setShown] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<string | null>(null);
  const byId = useMemo(() => new Map(nodes.map((node) => [node.id, node])), [nodes]);
  const painted = useMemo(
    () => new Map(nodes.map((node): [string, MapNode] => [node.id, node])),
    [nodes],
  );
  const path = useMemo(
    () => new Set(pathToRoot(layout, selectedId ?? undefined)),
    [layout, selectedId],
  );
  const root = nodes.find((node) => node.kind === 'root');
  const baseline = root?.outcome ?? null;
  const active = focused ?? selectedId ?? root?.id ?? null;

  const draw = useCallback(() => {
    request.current = 0;
    const brush = canvas.current?.getContext('2d');
    if (!frame || layout.places.length === 0) return;
    camera.current ??= frameAll(layout, frame);
    const view = camera.current;
    if (brush) {
      const ratio = window.devicePixelRatio || 1;
      brush.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintMap(brush, {
        frame,
        camera: view,
        layout,
        nodes: painted,
        path,
        selected: selectedId,
        axis,
        baseline: baseline?.median ?? null,
        palette,
      });
    }
    for (const [id, element] of cards.current) placeCard(element, id, view, layout, frame);
    const wanted = cardIds(view, layout, frame);
    setShown((known) => (sameIds(known, wanted) ? known : wanted));
  }, [axis, baseline, frame, layout, painted, palette, path, selectedId]);

  const redraw = useCallback(() => {
    if (request.current === 0) request.current = requestAnimationFrame(draw);
  }, [draw]);

  const look = useCallback(
    (change: (view: Camera, room: Frame) => Camera) => {
      if (!frame || !camera.current) return;
      camera.current = change(camera.current, frame);
      redraw();
    },
    [frame, redraw],
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
    if (!frame || !camera.current || shown.length === 0) return;
    for (const [id, element] of cards.current)
      placeCard(element, id, camera.current, layout, frame);
  }, [shown, layout, frame]);

  // A node chosen elsewhere (link, table, a new branch) is brought into view once.
  useEffect(() => {
    const place = layout.byId.get(selectedId ?? '');
    if (!place) return;
    look((view, room) => reveal(view, place, layout, grownFrame(room, layout, window.innerHeight)));
  }, [selectedId, layout, look]);

  useWheel(stage, look, layout);
  const drag = useDrag(look);

  const goTo = (id: string) => {
    setFocused(id);
    const place = layout.byId.get(id);
    if (place) look((view, room) => reveal(view, place, layout, room));
    const card = cards.current.get(id);
    if (card) card.focus({ preventScroll: true });
    else {
      region.current?.focus({ preventScroll: true });
      const node = byId.get(id);
      if (node) announce(cardName(node));
    }
  };

  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || active === null) return;
    const step = steps[event.key];
    const target = step && walk(layout, active, step);
    if (step) {
      event.preventDefault();
      if (target) goTo(target);
      return;
    }
    const act = keyActions[event.key];
    if (!act) return;
    event.preventDefault();
    act({ active, onSelect, onCompare, onTune, onAsk, look, layout });
  };

  const zoomBy = (factor: number) =>
    look((view, room) =>
      zoomAt(view, factor, { x: room.width / 2, y: room.height / 2 }, layout, room),
    );

  return (
    <section
      ref={region}
      aria-label="Universe map"
      aria-describedby="universe-map-keys"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows walk the tree also where no card is drawn
      tabIndex={0}
      onKeyDown={press}
      className="overflow-hidden rounded-lg border border-line bg-bg -outline-offset-2"
    >
      <p id="universe-map-keys" className="sr-only">
        Arrows walk to parent, child and neighbours. Enter inspects, C adds to the comparison, F
        tunes a copy, 0 shows all, 1 goes to the start, slash asks. The table view holds the same
        data.
      </p>
      <div
        ref={stage}
        {...drag}
        style={{
          height: `clamp(${mapHeight.least}px, ${restingHeight(layout)}px, ${mapHeight.ofWindow * 100}vh)`,
        }}
        className="relative touch-none overflow-hidden"
      >
        <canvas
          ref={canvas}
          width={Math.round((frame?.width ?? 1) * devicePixelRatio)}
          height={Math.round((frame?.height ?? 1) * devicePixelRatio)}
          className="absolute inset-0 h-full w-full"
        />
        {shown.map((id) => {
          const node = byId.get(id);
          return node ? (
            <NodeCard
              key={id}
              node={node}
              selected={id === selectedId}
              compared={compared.includes(id)}
              onPath={path.has(id)}
              tabbable={id === active}
              axis={axis}
              baseline={baseline}
              progress={progress.get(id) ?? null}
              onSelect={() => {
                setFocused(id);
                onSelect(id);
              }}
              register={(element) => {
                if (element) cards.current.set(id, element);
                else cards.current.delete(id);
              }}
            />
          ) : null;
        })}
      </div>
      <div className="flex items-center justify-between gap-4 border-t border-line bg-s1 py-0.5 pr-1 pl-3">
        <MapLegend interval={baseline?.interval ?? null} />
        <div className="flex shrink-0 gap-0.5">
          <IconButton label="Zoom out" onClick={() => zoomBy(1 / keyZoom)}>
            <Minus aria-hidden size={16} />
          </IconButton>
          <IconButton label="Zoom in" onClick={() => zoomBy(keyZoom)}>
            <Plus aria-hidden size={16} />
          </IconButton>
          <IconButton label="Show all" onClick={() => look((_, room) => frameAll(layout, room))}>
            <Maximize aria-hidden size={16} />
          </IconButton>
        </div>
      </div>
    </section>
  );
}

interface KeyContext {
  active: string;
  onSelect: (nodeId: string) => void;
  onCompare: (nodeId: string) => void;
  onTune: (nodeId: string) => void;
  onAsk: () => void;
  look: (change: (view: Camera, room: Frame) => Camera) => void;
  layout: Layout;
}

const keyActions: Record<string, (context: KeyContext) => void> = {
  Enter: ({ onSelect, active }) => onSelect(active),
  c: ({ onCompare, active }) => onCompare(active),
  C: ({ onCompare, active }) => onCompare(active),
  f: ({ onTune, active }) => onTune(active),
  F: ({ onTune, active }) => onTune(active),
  '/': ({ onAsk }) => onAsk(),
  '0': ({ look, layout }) => look((_, room) => frameAll(layout, room)),
  '+': ({ look, layout }) =>
    look((view, room) => zoomAt(view, keyZoom, centre(room), layout, room)),
  '-': ({ look, layout }) =>
    look((view, room) => zoomAt(view, 1 / keyZoom, centre(room), layout, room)),
};

const centre = (room: Frame) => ({ x: room.width / 2, y: room.height / 2 });

/** Recomputed only when the tree changes, not when an outcome arrives. */
function useLayout(nodes: readonly Node[]): Layout {
  const shape = nodes.map((node) => `${node.id}<${node.parent_id ?? ''}`).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the nodes
  return useMemo(
    () =>
      layoutTree(
        nodes.map((node) => ({
          id: node.id,
          parentId: node.parent_id,
          createdAt: node.created_at,
        })),
      ),
    [shape],
  );
}

function useFrame(region: React.RefObject<HTMLElement | null>): Frame | null {
  const [frame, setFrame] = useState<Frame | null>(null);
  useLayoutEffect(() => {
    const element = region.current;
    if (!element) return;
    const measure = () => {
      const next = { width: element.clientWidth || 960, height: element.clientHeight || 540 };
      setFrame((known) =>
        known && known.width === next.width && known.height === next.height ? known : next,
      );
    };
    measure();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [region]);
  return frame;
}

type Look = (change: (view: Camera, room: Frame) => Camera) => void;

/** Wheel pans, pinch (a wheel event with ctrl) zooms. React's own listener could not prevent. */
function useWheel(region: React.RefObject<HTMLElement | null>, look: Look, layout: Layout): void {
  useEffect(() => {
    const element = region.current;
    if (!element) return;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      if (event.ctrlKey) {
        const factor = Math.exp(-event.deltaY * wheelZoom * 4);
        look((view, room) => zoomAt(view, factor, at, layout, room));
      } else {
        look((view) => ({ ...view, x: view.x - event.deltaX, y: view.y - event.deltaY }));
      }
    };
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [region, look, layout]);
}

const dragThreshold = 4;

/** Dragging anywhere moves the map; a drag that began on a card does not choose it. */
function useDrag(look: Look) {
  const last = useRef<{ x: number; y: number; moved: number } | null>(null);
  return {
    onPointerDown: (event: React.PointerEvent) => {
      if (event.button === 0) last.current = { x: event.clientX, y: event.clientY, moved: 0 };
    },
    onPointerMove: (event: React.PointerEvent) => {
      const from = last.current;
      if (!from || event.buttons === 0) return;
      const dx = event.clientX - from.x;
      const dy = event.clientY - from.y;
      const moved = from.moved + Math.abs(dx) + Math.abs(dy);
      if (moved < dragThreshold) return;
      if (from.moved < dragThreshold) event.currentTarget.setPointerCapture(event.pointerId);
      last.current = { x: event.clientX, y: event.clientY, moved };
      look((view) => ({ ...view, x: view.x + dx, y: view.y + dy }));
    },
    onClickCapture: (event: React.MouseEvent) => {
      if ((last.current?.moved ?? 0) >= dragThreshold) event.stopPropagation();
      last.current = null;
    },
  };
}

function placeCard(
  element: HTMLElement,
  id: string,
  view: Camera,
  layout: Layout,
  frame: Frame,
): void {
  const place = layout.byId.get(id);
  if (!place) return;
  const at = toScreen(place, view, layout, frame);
  element.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
}

function cardIds(view: Camera, layout: Layout, frame: Frame): string[] {
  if (detailAt(view.zoom) !== 'cards') return [];
  return visiblePlaces(view, layout, frame)
    .slice(0, mostCards)
    .map((place) => place.id);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
