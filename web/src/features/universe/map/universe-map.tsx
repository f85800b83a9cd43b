import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Node } from '@/api/generated/types.gen';
import type { ValueAxis } from '@/ui/charts/geometry';
import { announce } from '@/ui/toast';
import { cardName } from '../wording';
import {
  type Frame,
  frameAll,
  grownFrame,
  mapHeight,
  restingHeight,
  reveal,
  zoomAt,
} from './camera';
import { pressKey } from './keys';
import { type Layout, layoutTree, pathToRoot, walk } from './layout';
import { MapToolbar } from './map-toolbar';
import { NodeCard } from './node-card';
import { useFrame } from './use-frame';
import { usePalette } from './use-palette';
import { type SceneContent, useGestures, useView, type View } from './use-view';

const zoomStep = 1.2;

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

/** Every world version of the project and the interventions between them. */
export function UniverseMap(props: UniverseMapProps) {
  const { nodes, selectedId, onSelect, onCompare, onTune, onAsk } = props;
  const layout = useLayout(nodes);
  const region = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const frame = useFrame(stage);
  const content = useContent(props, layout);
  const view = useView(layout, frame, content);
  const [focused, setFocused] = useState<string | null>(null);
  const root = nodes.find((node) => node.kind === 'root');
  const active = focused ?? selectedId ?? root?.id ?? null;
  const onZoom = zooming(view, layout);
  useReveal(selectedId, layout, view);
  useGestures(stage, view, layout);

  const goTo = (id: string) => {
    setFocused(id);
    const place = layout.byId.get(id);
    if (place) view.look((camera, room) => reveal(camera, place, layout, room));
    const card = view.cardOf(id);
    if (card) card.focus({ preventScroll: true });
    else {
      region.current?.focus({ preventScroll: true });
      const node = nodes.find((entry) => entry.id === id);
      if (node) announce(cardName(node));
    }
  };
  const press = (event: React.KeyboardEvent<HTMLElement>) => {
    if (active === null) return;
    pressKey(event, {
      onStep: (step) => {
        const target = walk(layout, active, step);
        if (target) goTo(target);
      },
      onSelect: () => onSelect(active),
      onCompare: () => onCompare(active),
      onTune: () => onTune(active),
      onAsk,
      onZoom,
    });
  };

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
      <MapStage
        {...props}
        {...{ stage, frame, view, active, layout }}
        path={content.path}
        onSelect={(id) => {
          setFocused(id);
          onSelect(id);
        }}
      />
      <MapToolbar interval={root?.outcome?.interval ?? null} onZoom={onZoom} />
    </section>
  );
}

interface MapStageProps extends UniverseMapProps {
  stage: RefObject<HTMLDivElement | null>;
  frame: Frame | null;
  view: View;
  active: string | null;
  layout: Layout;
  path: ReadonlySet<string>;
}

/** The canvas, and over it the nodes that are near enough to be cards. */
function MapStage(props: MapStageProps) {
  const { nodes, selectedId, compared, progress, axis, onSelect, layout, frame, view } = props;
  const byId = useMemo(() => new Map(nodes.map((node) => [node.id, node])), [nodes]);
  const baseline = nodes.find((node) => node.kind === 'root')?.outcome ?? null;
  return (
    <div
      ref={props.stage}
      style={{
        height: `clamp(${mapHeight.least}px, ${restingHeight(layout)}px, ${mapHeight.ofWindow * 100}vh)`,
      }}
      className="relative touch-none overflow-hidden"
    >
      <canvas
        ref={view.canvas}
        width={Math.round((frame?.width ?? 1) * devicePixelRatio)}
        height={Math.round((frame?.height ?? 1) * devicePixelRatio)}
        className="absolute inset-0 h-full w-full"
      />
      {view.shown.map((id) => {
        const node = byId.get(id);
        return node ? (
          <NodeCard
            key={id}
            node={node}
            selected={id === selectedId}
            compared={compared.includes(id)}
            onPath={props.path.has(id)}
            tabbable={id === props.active}
            axis={axis}
            baseline={baseline}
            progress={progress.get(id) ?? null}
            onSelect={() => onSelect(id)}
            register={(element) => view.register(id, element)}
          />
        ) : null;
      })}
    </div>
  );
}

/** In and out around the middle of the stage, or as far out as shows everything. */
function zooming({ look }: View, layout: Layout) {
  return (direction: 'in' | 'out' | 'all') =>
    look((camera, room) => {
      if (direction === 'all') return frameAll(layout, room);
      const factor = direction === 'in' ? zoomStep : 1 / zoomStep;
      return zoomAt(camera, factor, middleOf(room), layout, room);
    });
}

const middleOf = (room: Frame) => ({ x: room.width / 2, y: room.height / 2 });

/** What is painted, the same object until something of it changes. */
function useContent({ nodes, selectedId, axis }: UniverseMapProps, layout: Layout): SceneContent {
  const palette = usePalette();
  return useMemo(
    () => ({
      nodes: new Map(nodes.map((node) => [node.id, node])),
      path: new Set(pathToRoot(layout, selectedId ?? undefined)),
      selected: selectedId,
      axis,
      baseline: nodes.find((node) => node.kind === 'root')?.outcome?.median ?? null,
      palette,
    }),
    [nodes, selectedId, axis, layout, palette],
  );
}

/** A node chosen elsewhere (link, table, a new branch) is brought into view once. */
function useReveal(selectedId: string | null, layout: Layout, { look }: View): void {
  useEffect(() => {
    const place = layout.byId.get(selectedId ?? '');
    if (!place) return;
    look((camera, room) =>
      reveal(camera, place, layout, grownFrame(room, layout, window.innerHeight)),
    );
  }, [selectedId, layout, look]);
}

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
