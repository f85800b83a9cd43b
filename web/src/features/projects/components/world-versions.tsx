import { Suspense, useMemo } from 'react';
import type { Node, Project } from '@/api/generated/types.gen';
import { termsOf, wholeOf } from '@/features/runs';
import { NodeTree, UniverseMap } from '@/features/universe';
import { shareAxis } from '@/ui/charts/geometry';
import { Loading } from '@/ui/states';

export type WorldView = 'map' | 'table';

interface WorldVersionsProps {
  view: WorldView;
  project: Project;
  nodes: readonly Node[];
  selectedId: string | null;
  compared: readonly string[];
  progress: ReadonlyMap<string, number>;
  onSelect: (nodeId: string) => void;
  onCompare: (nodeId: string) => void;
  onTune: (nodeId: string) => void;
  onAsk: () => void;
}

/** Every world version of the project, as a map or as a table of the same data. */
export function WorldVersions({ view, project, progress, onAsk, ...shared }: WorldVersionsProps) {
  const { nodes } = shared;
  // One axis for every outcome of the project, so that cards can be compared by eye.
  const axis = useMemo(
    () =>
      shareAxis(
        nodes.flatMap((node) => (node.outcome ? [node.outcome.low, node.outcome.high] : [])),
      ),
    [nodes],
  );
  if (view === 'map') return <UniverseMap {...shared} {...{ axis, progress, onAsk }} />;
  const terms = termsOf(project);
  const whole = wholeOf(terms.metrics[0] ?? 'stock_share', terms);
  return (
    <Suspense fallback={<Loading rows={nodes.length} />}>
      <NodeTree {...shared} axis={axis} outcomeLabel={`Share of ${whole}`} />
    </Suspense>
  );
}

interface ViewSwitchProps {
  view: WorldView;
  onView: (view: WorldView) => void;
}

export function ViewSwitch({ view, onView }: ViewSwitchProps) {
  return (
    <fieldset className="flex rounded-md border border-edge p-0.5">
      <legend className="sr-only">View</legend>
      {(['map', 'table'] as const).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={view === name}
          onClick={() => onView(name)}
          className="min-h-7 rounded-sm px-2.5 text-control text-t2 aria-pressed:bg-s3 aria-pressed:text-t1"
        >
          {name === 'map' ? 'Map' : 'Table'}
        </button>
      ))}
    </fieldset>
  );
}
