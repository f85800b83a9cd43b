import type { Comparison, Driver } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { points, pointsRange } from '@/lib/format';
import { differenceAxis } from '@/ui/charts/geometry';
import { type StripRow, StripTable } from '@/ui/charts/strip-table';
import { verdict } from '@/ui/charts/verdict';
import { Panel } from '@/ui/panel';

interface NodeDriversProps {
  comparison: Comparison;
  outcomeLabel: string;
  /** What the effects are of. */
  kind?: 'Drivers of' | 'Assumptions about';
}

/** What moved the outcome, strongest first; what moved nothing clearly stands apart. */
export function NodeDrivers({ comparison, outcomeLabel, kind = 'Drivers of' }: NodeDriversProps) {
  const ranked = [...comparison.drivers].sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const clear = ranked.filter((driver) => driver.clear);
  const unclear = ranked.filter((driver) => !driver.clear);
  const axis = differenceAxis(
    ranked.flatMap((driver) => [driver.effect, driver.low, driver.high]),
    3,
  );
  const methods = [...new Set(ranked.map((driver) => driver.method))];
  if (ranked.length === 0) {
    return (
      <p className="text-control text-t2">
        This world version changes nothing, so nothing drives it.
      </p>
    );
  }
  return (
    <div className="grid gap-5">
      {clear.length > 0 ? (
        <StripTable
          caption={`${kind} ${outcomeLabel}, strongest first`}
          labelHeader="Driver"
          valueHeader="Effect"
          rows={clear.map(driverRow)}
          axis={axis}
          format={points}
          reference={0}
        />
      ) : (
        <p className="text-control text-t2">No driver has a clear effect on {outcomeLabel}.</p>
      )}
      {unclear.length > 0 && (
        <section className="grid gap-2">
          <h3 className="text-control text-t2">No clear effect</h3>
          <StripTable
            caption={`Without a clear effect on ${outcomeLabel}`}
            labelHeader="Driver"
            valueHeader="Effect"
            rows={unclear.map(driverRow)}
            axis={axis}
            format={points}
            reference={0}
          />
        </section>
      )}
      <ul className="grid gap-1 text-caption text-t3">
        {methods.map((method) => (
          <li key={method}>{sentenceCase(method)}</li>
        ))}
      </ul>
    </div>
  );
}

/** The same ranking as a panel of its own, with the strongest driver as its finding. */
export function DriversPanel({ comparison, outcome }: { comparison: Comparison; outcome: string }) {
  const label = comparison.alternatives.find((entry) => entry.name === outcome)?.label ?? outcome;
  return (
    <Panel title={driversSentence(comparison.drivers, label)} caption={`Drivers of ${label}`}>
      <NodeDrivers comparison={comparison} outcomeLabel={label} />
    </Panel>
  );
}

/** What the headline does without, and what it would add: an assumption, never the first number. */
export function AssumptionEffectsPanel({
  comparison,
  outcome,
}: {
  comparison: Comparison;
  outcome: string;
}) {
  if (comparison.assumption_effects.length === 0) return null;
  const label = comparison.alternatives.find((entry) => entry.name === outcome)?.label ?? outcome;
  return (
    <Panel
      title={`What an assumption would add to “${label}”`}
      caption="The numbers above do without it, because these data do not identify it."
    >
      <NodeDrivers
        comparison={{ ...comparison, drivers: comparison.assumption_effects }}
        outcomeLabel={label}
        kind="Assumptions about"
      />
    </Panel>
  );
}

export function driversSentence(drivers: readonly Driver[], outcomeLabel: string): string {
  const strongest = [...drivers]
    .filter((driver) => driver.clear)
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))[0];
  return strongest
    ? `${sentenceCase(strongest.label)} moves “${outcomeLabel}” ${drivers.length > 1 ? 'most' : 'clearly'}`
    : `Nothing clearly moves “${outcomeLabel}”`;
}

const kindWords: Record<Driver['kind'], string> = {
  change: 'Change',
  social_rules: 'Social rules',
  interaction: 'Interaction',
};

function driverRow(driver: Driver): StripRow {
  const { low, high } = driver;
  return {
    id: `${driver.kind}-${driver.name}`,
    label: (
      <>
        {sentenceCase(driver.label)}
        <span className="block text-caption text-t3">{kindWords[driver.kind]}</span>
      </>
    ),
    low,
    median: driver.effect,
    high,
    text: pointsRange(low, high),
    tone: driver.clear ? verdict(driver) : 'unclear',
  };
}
