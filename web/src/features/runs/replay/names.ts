/** What things in a replay are called: the run itself knows only keys. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { projectOfRunOptions, registryOfProjectOptions, runNodeOptions } from '../queries';
import { plainWords, type Terms, termsOf } from '../terms';

export interface ReplayNames {
  projectId: string | undefined;
  node: string | undefined;
  outcome: string | undefined;
  terms: Terms;
  label: (name: string) => string;
}

export function useReplayNames(nodeId: string): ReplayNames {
  const node = useQuery(runNodeOptions(nodeId));
  const projectId = node.data?.project_id;
  const project = useQuery({
    ...projectOfRunOptions(projectId ?? ''),
    enabled: projectId !== undefined,
  });
  const registry = useQuery({
    ...registryOfProjectOptions(projectId ?? ''),
    enabled: projectId !== undefined,
  });
  const known = useMemo(() => {
    const { alternatives = [], regions = [], segments = [] } = registry.data ?? {};
    return new Map(
      [...alternatives, ...regions, ...segments].map((entry) => [entry.name, entry.label]),
    );
  }, [registry.data]);
  return {
    projectId,
    node: node.data?.label,
    outcome: project.data?.outcome_alternative,
    terms: project.data
      ? termsOf(project.data)
      : { unit: 'tick', metrics: [], words: plainWords, chosen: false },
    label: (name) => known.get(name) ?? name.replaceAll('_', ' '),
  };
}
