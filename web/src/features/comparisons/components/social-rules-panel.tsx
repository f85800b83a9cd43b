import type { Comparison, ShareDifference } from '@/api/generated/types.gen';
import { sentenceCase, type Terms } from '@/features/runs';
import { intervalWords } from '@/features/universe';
import { points, pointsRange } from '@/lib/format';
import { Figure } from '@/ui/charts/figure';
import { differenceAxis } from '@/ui/charts/geometry';
import { StripTable } from '@/ui/charts/strip-table';
import { Panel } from '@/ui/panel';
import { rowVerdict } from '../wording';
import { comparisonFile, comparisonSource } from './comparison-source';
import { MedianMove } from './median-move';
import { assumedRules, rulesOf } from './social-rules';

interface SocialRulesPanelProps {
  comparison: Comparison;
  outcome: string;
  terms: Terms;
}

/** Every alternative's difference with the social rules on, beside the same with them off. */
export function SocialRulesPanel({ comparison, outcome, terms }: SocialRulesPanelProps) {
  const label = (name: string) =>
    comparison.alternatives.find((entry) => entry.name === name)?.label ?? name;
  const pairs = pairRows(comparison);
  if (pairs.length === 0) return null;
  const axis = differenceAxis(
    pairs.flatMap((pair) =>
      [pair.on, pair.off].flatMap(({ difference }) => [difference.low, difference.high]),
    ),
  );
  const title = socialRulesSentence(pairs, outcome, label);
  const sides = [
    { name: 'With social rules', pick: (pair: RulesPair) => pair.on },
    { name: 'Without social rules', pick: (pair: RulesPair) => pair.off },
  ];
  // The one that the rest of the page speaks of stands first.
  if (comparison.headline === 'without_social_rules') sides.reverse();
  return (
    <Panel>
      <Figure
        level={2}
        title={title}
        note={`${intervalWords(comparison.interval)}. ${assumedRules(rulesOf(comparison))}`}
        fileName={comparisonFile(comparison, 'social-rules')}
        provenance={comparisonSource(comparison, terms)}
        table={{
          columns: [
            'Alternative',
            'With low',
            'With median',
            'With high',
            'Without low',
            'Without median',
            'Without high',
          ],
          rows: pairs.map(({ on, off }) => [
            label(on.alternative),
            on.difference.low,
            on.difference.median,
            on.difference.high,
            off.difference.low,
            off.difference.median,
            off.difference.high,
          ]),
          format: (value) => points(value, 0.01),
        }}
      >
        <div className="grid gap-x-8 gap-y-5 md:grid-cols-2">
          {sides.map(({ name, pick }) => (
            <section key={name} aria-label={name} className="grid content-start gap-1">
              <h3 className="text-control text-t2">{name}</h3>
              <StripTable
                caption={`${name}: difference of every alternative`}
                labelHeader="Alternative"
                valueHeader="Difference"
                axis={axis}
                format={points}
                reference={0}
                rows={pairs.map((pair) => ruleRow(pick(pair), label))}
              />
            </section>
          ))}
        </div>
      </Figure>
    </Panel>
  );
}

interface RulesPair {
  on: ShareDifference;
  off: ShareDifference;
}

/** Both variants of everyone, the largest difference with social rules first. */
function pairRows(comparison: Comparison): RulesPair[] {
  return comparison.with_social_rules
    .flatMap((on) => {
      const off = comparison.without_social_rules.find(
        (row) => row.alternative === on.alternative && !row.segment && !row.region,
      );
      return off ? [{ on, off }] : [];
    })
    .sort((a, b) => b.on.difference.median - a.on.difference.median);
}

function ruleRow(row: ShareDifference, label: (name: string) => string) {
  const { difference } = row;
  return {
    id: row.alternative,
    label: <MedianMove row={row} label={label(row.alternative)} />,
    ...difference,
    text: pointsRange(difference.low, difference.high),
    tone: rowVerdict(row),
  };
}

/** What the assumptions are worth, said for the outcome. */
export function socialRulesSentence(
  pairs: readonly RulesPair[],
  outcome: string,
  label: (name: string) => string,
): string {
  const pair = pairs.find((entry) => entry.on.alternative === outcome);
  if (!pair) return 'The same change with and without the social rules';
  const write = ({ difference }: ShareDifference) => pointsRange(difference.low, difference.high);
  return `${sentenceCase(label(outcome))}: ${write(pair.on)} with the social rules, ${write(pair.off)} without them`;
}
