import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  asksListVariablesOptions,
  runsCancelRunMutation,
  runsGetFrameLayoutOptions,
  runsGetFrameOptions,
  runsGetPersonaOptions,
  runsGetRunOptions,
  runsGetRunQueryKey,
  runsGetTelemetryOptions,
  runsListRunsInfiniteOptions,
  universeGetNodeOptions,
  universeGetProjectOptions,
  universeListDomainTemplatesOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { runsStreamEvents } from '@/api/generated/sdk.gen';
import type { Run, RunEvent } from '@/api/generated/types.gen';
import { useEventStream } from '@/lib/event-stream';
import { type Ruled, socialRulesOf } from './terms';

/** Stored telemetry of a finished run never changes. */
const forever = Number.POSITIVE_INFINITY;

export const runOptions = (runId: string) => runsGetRunOptions({ path: { run_id: runId } });

export const runNodeOptions = (nodeId: string) =>
  universeGetNodeOptions({ path: { node_id: nodeId } });

export const projectOfRunOptions = (projectId: string) =>
  universeGetProjectOptions({ path: { project_id: projectId } });

export const registryOfProjectOptions = (projectId: string) => ({
  ...asksListVariablesOptions({ path: { project_id: projectId } }),
  staleTime: 300_000,
});

/** What can be simulated, with parameters and sources; changes with the server only. */
export const templatesOptions = () => ({
  ...universeListDomainTemplatesOptions(),
  staleTime: forever,
});

/** What the social rules of a run are called; nothing until it is known. */
export function useSocialRules(run: Ruled | undefined): string | undefined {
  const { data } = useQuery({ ...templatesOptions(), enabled: run !== undefined });
  return run && data ? socialRulesOf(run, data) : undefined;
}

export function runListOptions(projectId: string) {
  const query = { project_id: projectId, limit: 100 };
  return {
    ...runsListRunsInfiniteOptions({ query }),
    initialPageParam: { query },
    getNextPageParam: (page: { next_cursor?: string | null }) =>
      page.next_cursor ? { query: { ...query, cursor: page.next_cursor } } : undefined,
    maxPages: 20,
  };
}

export interface TelemetryChoice {
  /** A region or segment; everyone when absent. */
  group?: string | undefined;
  replicates?: boolean;
}

export const telemetryOptions = (
  runId: string,
  { group, replicates = false }: TelemetryChoice = {},
) => ({
  ...runsGetTelemetryOptions({
    path: { run_id: runId },
    query: { replicates, ...(group === undefined ? {} : { segments: [group] }) },
  }),
  staleTime: forever,
});

export const frameOptions = (runId: string, tick: number) => ({
  ...runsGetFrameOptions({ path: { run_id: runId, tick }, query: { replicate: 0 } }),
  staleTime: forever,
  // A frame of 100,000 personas weighs 130 kB: a minute of play may stay, not an afternoon.
  gcTime: 60_000,
});

export const personaOptions = (runId: string, persona: number) => ({
  ...runsGetPersonaOptions({ path: { run_id: runId, persona }, query: { replicate: 0 } }),
  staleTime: forever,
});

export const frameLayoutOptions = (runId: string) => ({
  ...runsGetFrameLayoutOptions({ path: { run_id: runId } }),
  staleTime: forever,
});

const terminal: readonly string[] = ['succeeded', 'failed', 'cancelled'];

export function isOver(status: Run['status']): boolean {
  return terminal.includes(status);
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    ...runsCancelRunMutation(),
    onSuccess: (run) => {
      client.setQueryData(runsGetRunQueryKey({ path: { run_id: run.id } }), run);
    },
  });
}

/** Keeps a run in the cache up to date from its event stream; calls `onOver` once when it ends. */
export function useFollowRun(
  run: Pick<Run, 'id' | 'status'> | undefined,
  onOver?: () => void,
): void {
  const client = useQueryClient();
  const key = run && !isOver(run.status) ? run.id : null;
  useEventStream<RunEvent>({
    streamKey: key,
    connect: (options) => runsStreamEvents({ path: { run_id: key ?? '' }, ...options }),
    isLast: (event) => isOver(event.status),
    onReturn: () => {
      if (key !== null) void client.invalidateQueries(runOptions(key));
    },
    onEvent: (event) => {
      client.setQueryData(
        runsGetRunQueryKey({ path: { run_id: event.run_id } }),
        (known: Run | undefined) => known && { ...known, status: event.status, tick: event.tick },
      );
      if (!isOver(event.status)) return;
      void client.invalidateQueries(runOptions(event.run_id));
      onOver?.();
    },
  });
}
