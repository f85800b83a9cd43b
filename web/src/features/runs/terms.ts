/** The words a project's results are told in: its clock, and what its shares are shares of. */
import type { DomainTemplate, Project, Run, TemplateVariant } from '@/api/generated/types.gen';

export type Metric = Project['metrics'][number];

export interface Terms {
  /** What one tick is called; "tick" until the project is known. */
  unit: Project['tick_unit'] | 'tick';
  /** What can be compared, the default first. */
  metrics: readonly Metric[];
  /** Whether people choose systems, as in their survey; everywhere else they are in a state. */
  systems: boolean;
}

export function termsOf(
  project: Pick<Project, 'tick_unit' | 'metrics' | 'domain_template'>,
): Terms {
  return {
    unit: project.tick_unit,
    metrics: project.metrics,
    systems: project.domain_template === 'consumer_choice',
  };
}

/** Name of a metric, on buttons and after "share of". */
export function metricName(metric: Metric, terms: Terms): string {
  if (metric === 'flow_share') return 'new installations';
  return terms.systems ? 'stock' : 'people';
}

/** What a share is a share of, within a sentence. */
export function wholeOf(metric: Metric, terms: Pick<Terms, 'systems'>): string {
  if (metric === 'flow_share') return 'new installations';
  return terms.systems ? 'all systems' : 'people';
}

/** What an alternative is to a persona: a system that was chosen, or a state. */
export function stateWord(terms: Terms): string {
  return terms.systems ? 'system' : 'state';
}

export type Ruled = Pick<Run, 'domain_template' | 'template_options'>;

interface Ruling extends Pick<DomainTemplate, 'name'> {
  variants: readonly Pick<TemplateVariant, 'options' | 'social_rules'>[];
}

/** What the social rules are called under a run's options; those not given are the defaults. */
export function socialRulesOf(run: Ruled, templates: readonly Ruling[]): string | undefined {
  const variants = templates.find(({ name }) => name === run.domain_template)?.variants ?? [];
  const settled = { ...variants[0]?.options, ...run.template_options };
  return variants.find(({ options }) =>
    Object.entries(options).every(([name, value]) => settled[name] === value),
  )?.social_rules;
}
