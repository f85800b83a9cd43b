import { useQuery } from '@tanstack/react-query';
import type {
  Comparison,
  LevelDifference,
  NodeDetail,
  OutcomeStrip,
  ShareDifference,
} from '@/api/generated/types.gen';
import {
  IllustrativeBadge,
  RunBar,
  sentenceCase,
  type Terms,
  telemetryOptions,
  useSocialRules,
  wholeOf,
} from '@/features/runs';
import { intervalWords, medianShare, verdictWords } from '@/features/universe';
import {
  amountChange,
  amountRange,
  points,
  pointsRange,
  share,
  shareRange,
  span,
} from '@/lib/format';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Fan } from '@/ui/charts/fan';
import { differenceAxis, shareAxis } from '@/ui/charts/geometry';
import { QuantileDots } from '@/ui/charts/quantile-dots';
import { verdict } from '@/ui/charts/verdict';
import { ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import { outcomeSentence, rowVerdict, verdictSentence } from '../wording';
import { assumedRules, rulesOf, SocialRulesPair } from './social-rules';

interface NodeSummaryProps {
  node: NodeDetail;
  terms: Terms;
  alternativeLabel: (name: string) => string;
  comparison: { data: Comparison | undefined; error: unknown; isEnabled: boolean };
  onOver: () => void;
  /** Runs the node; absent where the page itself offers it. */
  onRun: (() => void) | undefined;
}

/** The answer of one world version: the interval first, twenty futures, both variants. */
export function NodeSummary(props: NodeSummaryProps) {
  const { node, terms, alternativeLabel, comparison, onOver, onRun } = props;
  if (!node.outcome) return <Unfinished {...{ node, terms, onOver, onRun }} />;
  const { outcome } = node;
  const label = alternativeLabel(outcome.alternative);
  const ofOutcome = (entry: ShareDifference) => entry.alternative === outcome.alternative;
  const withRules = comparison.data?.with_social_rules.find(ofOutcome);
  const without = comparison.data?.without_social_rules.find(ofOutcome);
  return (
    <div className="grid gap-6">
      <Headline outcome={outcome} label={label} terms={terms} basis={node.basis} />
      {node.difference ? (
        <PairedFutures difference={node.difference} label={label} />
      ) : (
        <Futures outcome={outcome} label={label} terms={terms} />
      )}
      {node.kind === 'root' ? (
        <BothVariants node={node} outcome={outcome} label={label} terms={terms} />
      ) : (
        <>
          {node.difference && <DifferenceFigure difference={node.difference} terms={terms} />}
          {comparison.error ? <ErrorState problem={toProblem(comparison.error)} /> : null}
          {comparison.data && <Means comparison={comparison.data} />}
          {comparison.data && withRules && without && (
            <SocialRulesPair
              withRules={withRules.difference}
              withoutRules={without.difference}
              headline={comparison.data.headline}
              rules={rulesOf(comparison.data)}
            />
          )}
          {!comparison.data && comparison.isEnabled && !comparison.error && <Loading rows={3} />}
        </>
      )}
    </div>
  );
}

interface HeadlineProps {
  outcome: OutcomeStrip;
  label: string;
  terms: Terms;
}

function Headline({ outcome, label, terms, basis }: HeadlineProps & Pick<NodeDetail, 'basis'>) {
  return (
    <div>
      <p className="text-caption text-t3">
        {sentenceCase(label)}, share of {wholeOf(outcome.metric, terms)},{' '}
        {span(outcome.from_tick, outcome.to_tick, terms.unit)}
      </p>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-mono text-figure">{shareRange(outcome.low, outcome.high)}</span>
        <IllustrativeBadge basis={basis} />
      </p>
      <p className="text-control text-t2">
        {intervalWords(outcome.interval)} · median {medianShare(outcome)}
      </p>
      <p className="mt-1 text-caption text-t3">{basis.note}</p>
    </div>
  );
}

function Futures({ outcome, label, terms }: HeadlineProps) {
  const sentence = `20 equally likely futures of ${label}`;
  return (
    <section className="grid gap-2">
      <h3 className="text-control text-t1">{sentence}</h3>
      <QuantileDots
        name={`${sentence}. ${outcomeSentence(outcome, sentenceCase(label), terms)}`}
        dots={outcome.dots}
        axis={shareAxis(outcome.dots, 3)}
        format={share}
        tone="baseline"
      />
    </section>
  );
}

/** Each dot is one future less the same future of the baseline: filled dots are those counted. */
function PairedFutures({ difference, label }: { difference: OutcomeStrip; label: string }) {
  const higher = difference.dots.filter((dot) => dot > 0).length;
  const sentence = `${label}: higher than the baseline in ${higher} of 20 futures`;
  return (
    <section className="grid gap-2">
      <h3 className="text-control text-t1">{sentenceCase(sentence)}</h3>
      <QuantileDots
        name={`${sentenceCase(sentence)}. ${verdictSentence(difference)}`}
        dots={difference.dots}
        axis={differenceAxis(difference.dots, 3)}
        format={points}
        tone="accent"
        threshold={0}
      />
      <p className="text-caption text-t3">
        Each dot is one future less the same future of the baseline. Filled: above it.
      </p>
    </section>
  );
}

const verdictClass = { up: 'text-ok', down: 'text-bad', unclear: 'text-t2' } as const;

function DifferenceFigure({ difference, terms }: { difference: OutcomeStrip; terms: Terms }) {
  return (
    <section className="grid gap-1">
      <h3 className="text-caption text-t3">
        Difference from the baseline, {span(difference.from_tick, difference.to_tick, terms.unit)}
      </h3>
      <p className={`font-mono text-section ${verdictClass[verdict(difference)]}`}>
        {pointsRange(difference.low, difference.high)}
      </p>
      <p className="text-control text-t2">{verdictSentence(difference)}</p>
      <p className="text-caption text-t3">
        {intervalWords(difference.interval)}, paired: both sides share their random numbers.
      </p>
    </section>
  );
}

/** What everybody has on average, each in its unit. */
function Means({ comparison }: { comparison: Comparison }) {
  const rows = comparison.levels.filter((row) => row.segment === null && row.region === null);
  if (rows.length === 0) return null;
  return (
    <section className="grid gap-2">
      <h3 className="text-control text-t1">Means against the baseline</h3>
      <dl className="grid gap-2">
        {rows.map((row) => (
          <MeanRow key={row.name} row={row} />
        ))}
      </dl>
    </section>
  );
}

function MeanRow({ row }: { row: LevelDifference }) {
  const { label, unit, base, branch, difference } = row;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 text-caption">
      <dt className="text-t2">{sentenceCase(label)}</dt>
      <dd className="text-right font-mono text-t1">
        {amountChange(difference.low, difference.high, unit)}
      </dd>
      <dd className="col-span-2 flex flex-wrap justify-between gap-x-3 text-t3">
        <span className="font-mono">
          {amountRange(base.low, base.high, unit)} → {amountRange(branch.low, branch.high, unit)}
        </span>
        <span>{verdictWords[rowVerdict(row)]}</span>
      </dd>
    </div>
  );
}

interface BothVariantsProps extends HeadlineProps {
  node: NodeDetail;
}

function BothVariants({ node, outcome, label, terms }: BothVariantsProps) {
  const rules = useSocialRules(node.runs[0]);
  const withRun = node.runs.find((run) => run.variant === 'with_social_rules');
  const withoutRun = node.runs.find((run) => run.variant === 'without_social_rules');
  const withRules = useQuery({
    ...telemetryOptions(withRun?.id ?? ''),
    enabled: withRun !== undefined,
  });
  const without = useQuery({
    ...telemetryOptions(withoutRun?.id ?? ''),
    enabled: withoutRun !== undefined,
  });
  const pick = (telemetry: typeof withRules.data) =>
    telemetry?.series.find(
      (entry) =>
        entry.alternative === outcome.alternative &&
        entry.metric === outcome.metric &&
        entry.segment === null &&
        entry.region === null,
    )?.band;
  const first = pick(withRules.data);
  const second = pick(without.data);
  if (!withRules.data || !first || !second) return null;
  const axis = shareAxis([...first.low, ...first.high, ...second.low, ...second.high]);
  return (
    <section className="grid gap-2">
      <h3 className="text-control text-t1">With and without the social rules</h3>
      <Fan
        name={`${sentenceCase(label)}, ${node.label}: share of ${wholeOf(outcome.metric, terms)} by ${terms.unit} with and without social rules. ${outcomeSentence(outcome, sentenceCase(label), terms)}`}
        ticks={withRules.data.ticks}
        across={terms.unit}
        axis={axis}
        format={share}
        height={180}
        series={[
          { label: 'with rules', band: first, tone: 'baseline' },
          { label: 'without', band: second, tone: 'unclear' },
        ]}
      />
      <p className="text-caption text-t3">
        Bands hold 50 % and 90 % of the replicates. {assumedRules(rules)}
      </p>
    </section>
  );
}

type UnfinishedProps = Pick<NodeSummaryProps, 'node' | 'terms' | 'onOver' | 'onRun'>;

function Unfinished({ node, terms, onOver, onRun }: UnfinishedProps) {
  const stored = node.runs
    .map((run) => storedProblem(run.problem))
    .find((problem) => problem !== null);
  return (
    <div className="grid gap-4">
      <Status status={node.status} />
      {node.status === 'not_run' && (
        <p className="text-control text-t2">
          This world version has not been run, so it has no outcome.
        </p>
      )}
      {stored && (
        <div role="alert" className="rounded-md border border-bad px-3 py-2 text-control">
          <p className="font-medium">{stored.title}</p>
          <p className="text-t2">{stored.detail}</p>
        </div>
      )}
      {onRun && node.status !== 'running' && (
        <Button variant="primary" onClick={onRun}>
          Run this world version
        </Button>
      )}
      {node.status === 'running' &&
        node.runs.map((run) => (
          <RunBar key={run.id} runId={run.id} unit={terms.unit} onOver={onOver} />
        ))}
    </div>
  );
}
