/** The words a project's results are told in: its clock, and what its shares are shares of. */
import type { DomainTemplate, Project, Run, TemplateVariant } from '@/api/generated/types.gen';

export type Metric = Project['metrics'][number];

export interface Terms {
  /** What one tick is called; "tick" until the project is known. */
  unit: Project['tick_unit'] | 'tick';
  /** What can be compared, the default first. */
  metrics: readonly Metric[];
  /** What a share of each metric is a share of. */
  words: Project['words'];
  /** Whether people choose, as in their survey; everywhere else they are in a state. */
  chosen: boolean;
}

export function termsOf(
  project: Pick<Project, 'tick_unit' | 'metrics' | 'domain_template' | 'words'>,
): Terms {
  return {
    unit: project.tick_unit,
    metrics: project.metrics,
    words: project.words,
    chosen: project.domain_template === 'consumer_choice',
  };
}

/** Words before a project is known: nobody has said yet what is counted. */
export const plainWords: Project['words'] = { flow_share: 'choices', stock_share: 'people' };

/** What a share is a share of: on buttons, and after "share of". */
export function wholeOf(metric: Metric, { words }: Pick<Terms, 'words'>): string {
  return words[metric];
}

/** What an alternative is to a persona: what it chose last, or a state. */
export function stateWord(terms: Terms): string {
  return terms.chosen ? 'choice' : 'state';
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
