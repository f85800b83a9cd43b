/** The words a project's results are told in: its clock, and what its shares are shares of. */
import type { Project } from '@/api/generated/types.gen';

export type Metric = Project['metrics'][number];

export interface Terms {
  /** What one tick is called; "tick" until the project is known. */
  unit: Project['tick_unit'] | 'tick';
  /** What can be compared, the default first. */
  metrics: readonly Metric[];
}

export function termsOf(project: Pick<Project, 'tick_unit' | 'metrics'>): Terms {
  return { unit: project.tick_unit, metrics: project.metrics };
}

/** People choose systems where installations are counted; everywhere else they are in a state. */
export function countsSystems({ metrics }: Terms): boolean {
  return metrics.includes('new_installations');
}

/** Name of a metric, on buttons and after "share of". */
export function metricName(metric: Metric, terms: Terms): string {
  if (metric === 'new_installations') return 'new installations';
  return countsSystems(terms) ? 'stock' : 'people';
}

/** What a share is a share of, within a sentence. */
export function wholeOf(metric: Metric, terms: Terms): string {
  if (metric === 'new_installations') return 'new installations';
  return countsSystems(terms) ? 'all systems' : 'people';
}

/** What an alternative is to a persona: a system that was chosen, or a state. */
export function stateWord(terms: Terms): string {
  return countsSystems(terms) ? 'system' : 'state';
}
