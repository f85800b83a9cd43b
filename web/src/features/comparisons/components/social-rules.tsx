import type { Comparison, OutcomeStrip, Project } from '@/api/generated/types.gen';
import { pointsRange } from '@/lib/format';
import { differenceAxis } from '@/ui/charts/geometry';
import { IntervalStrip } from '@/ui/charts/interval-strip';

/** What the rules are called here, and that these people did not tell them. */
export function assumedRules(rules: string | undefined): string {
  const named = rules === undefined ? '' : `Social rules: ${rules}. `;
  return `${named}Their strength comes from the literature or is assumed, not found in these data.`;
}

interface SocialRulesPairProps {
  withRules: OutcomeStrip;
  withoutRules: OutcomeStrip;
  /** Which of the two the rest of the page speaks of; it stands first. */
  headline: Project['headline'];
  /** What the social rules are called. */
  rules: string | undefined;
}

/** One difference with and without the social rules, on one axis. */
export function SocialRulesPair(props: SocialRulesPairProps) {
  const { withRules, withoutRules, headline, rules } = props;
  const axis = differenceAxis([withRules.low, withRules.high, withoutRules.low, withoutRules.high]);
  const on = { name: 'With social rules', difference: withRules };
  const off = { name: 'Without', difference: withoutRules };
  const rows = headline === 'with_social_rules' ? [on, off] : [off, on];
  return (
    <section className="grid gap-2">
      <h3 className="text-control text-t1">The same change with and without the social rules</h3>
      <dl className="grid gap-2">
        {rows.map(({ name, difference }) => (
          <div
            key={name}
            className="grid grid-cols-[5.75rem_minmax(0,1fr)_7rem] items-center gap-3"
          >
            <dt className="text-caption text-t2">{name}</dt>
            <dd>
              <IntervalStrip name="" axis={axis} {...difference} tone="accent" reference={0} />
            </dd>
            <dd className="text-right font-mono text-caption whitespace-nowrap">
              {pointsRange(difference.low, difference.high)}
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-caption text-t3">{assumedRules(rules)}</p>
    </section>
  );
}

/** The driver that stands for them carries their name. */
export function rulesOf({ drivers, assumption_effects }: Comparison): string | undefined {
  const all = [...drivers, ...assumption_effects];
  return all.find((driver) => driver.kind === 'social_rules')?.label;
}
