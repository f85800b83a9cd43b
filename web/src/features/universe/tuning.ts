/** What can be tuned at a world version, where each variable stands there, and what is sent. */
import type { EventScriptWire, NodeDetail, TuneRequest, Variable } from '@/api/generated/types.gen';
import { setting } from '@/lib/format';

export interface Tunable {
  variable: Variable;
  /** A parameter is set to a value; what differs by persona is changed by a percentage. */
  kind: 'value' | 'percent';
  minimum: number;
  maximum: number;
  unit: string;
  /** Where it stands at this version; a percentage starts at zero. */
  start: number;
  /** Sentences of what acts on it already. */
  earlier: string[];
}

/** What was typed, by variable. An empty text is no change. */
export type Entries = Readonly<Record<string, string>>;

export function tunables(variables: readonly Variable[], scripts: Chain): Tunable[] {
  return variables.map((variable) => {
    const acting = scripts.filter((script) => script.variable === variable.name);
    const earlier = acting.map((script) => script.sentence || script.variable);
    if (variable.value === null) {
      const bounds = { minimum: -100, maximum: 100, unit: '%', start: 0 };
      return { variable, kind: 'percent', ...bounds, earlier };
    }
    const { minimum, maximum, unit } = variable;
    const start = acting.findLast(isPlainSet)?.value ?? variable.value;
    return { variable, kind: 'value', minimum, maximum, unit, start, earlier };
  });
}

type Chain = readonly EventScriptWire[];

/** Everything that acts at a node, from the root down. */
export function chainOf(node: Pick<NodeDetail, 'inherited_scripts' | 'event_scripts'>): Chain {
  return [...node.inherited_scripts, ...node.event_scripts];
}

/** For everyone, from the start on, for certain: afterwards the variable has this value. */
function isPlainSet({
  operation,
  scope = {},
  intensity,
  probability,
  condition,
}: EventScriptWire): boolean {
  const narrowed = [scope.regions, scope.segments, scope.personas, scope.where];
  return (
    operation === 'set' &&
    narrowed.every((group) => (group ?? []).length === 0) &&
    (scope.start_tick ?? 0) <= 1 &&
    (scope.end_tick ?? null) === null &&
    (intensity?.kind ?? 'step') === 'step' &&
    (probability ?? 1) === 1 &&
    !condition
  );
}

/** The number that was typed, where it is one and differs from where the variable stands. */
export function changedTo(tunable: Tunable, entries: Entries): number | null {
  const text = entries[tunable.variable.name] ?? '';
  const value = Number(text);
  return text.trim() === '' || value === tunable.start ? null : value;
}

export function entryError(tunable: Tunable, entries: Entries): string | undefined {
  const value = changedTo(tunable, entries);
  if (value === null) return undefined;
  const { minimum, maximum, unit, kind } = tunable;
  // More than doubling is possible, it only lies beyond the slider.
  const highest = kind === 'percent' ? Number.POSITIVE_INFINITY : maximum;
  if (value >= minimum && value <= highest) return undefined;
  return kind === 'percent'
    ? 'A change of at least −100 %.'
    : `From ${setting(minimum)} to ${setting(maximum, unit)}.`;
}

/** Only what was changed; percentages become factors. */
export function tuneRequest(all: readonly Tunable[], entries: Entries, label: string): TuneRequest {
  const values: TuneRequest['values'] = {};
  for (const tunable of all) {
    const value = changedTo(tunable, entries);
    if (value === null) continue;
    values[tunable.variable.name] =
      tunable.kind === 'value'
        ? value
        : { operation: 'multiply', value: Number((1 + value / 100).toPrecision(12)) };
  }
  const name = label.trim();
  return name === '' ? { values } : { values, label: name };
}

/** Positions of a slider, one per arrow key. */
export const sliderSteps = 100;
/** Ranges over this many powers of ten are spread by powers. */
const wideRange = 1000;

type Bounds = Pick<Tunable, 'minimum' | 'maximum'>;

const isWide = ({ minimum, maximum }: Bounds) => minimum > 0 && maximum / minimum >= wideRange;

/** Where a value stands on its slider, 0 … 100. */
export function sliderPosition(bounds: Bounds, value: number): number {
  const { minimum, maximum } = bounds;
  const part = isWide(bounds)
    ? Math.log(Math.max(value, minimum) / minimum) / Math.log(maximum / minimum)
    : (value - minimum) / (maximum - minimum);
  return Math.min(sliderSteps, Math.max(0, Math.round(sliderSteps * part)));
}

/** The value at a position, with no more digits than one step needs; the ends are exact. */
export function sliderValue(bounds: Bounds, position: number): number {
  const { minimum, maximum } = bounds;
  const part = position / sliderSteps;
  if (part <= 0) return minimum;
  if (part >= 1) return maximum;
  if (isWide(bounds)) return Number((minimum * (maximum / minimum) ** part).toPrecision(2));
  const value = minimum + part * (maximum - minimum);
  const digits = Math.max(0, 1 - Math.floor(Math.log10((maximum - minimum) / sliderSteps)));
  return Number(value.toFixed(Math.min(12, digits)));
}
