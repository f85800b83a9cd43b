/** Hybrid mode as a form makes it and as its result is told: actors, and what they did. */
import type {
  ActorWire,
  CouplingWire,
  Hybrid,
  HybridRequest,
  HybridResult,
  MoveWire,
  RequirementWire,
  VariableRegistry,
} from '@/api/generated/types.gen';
import type { Compared, Sides } from '@/features/comparisons';
import {
  type ActionDraft,
  actionErrors,
  actionOf,
  emptyAction,
  type FieldErrors,
  isBlank,
  isNumber,
} from '@/features/plans';
import { variableTitle } from '@/features/universe';
import { count, list, setting } from '@/lib/format';

export const policies = { every_open: 'every open action', first_open: 'the first open action' };
export type Policy = NonNullable<ActorWire['policy']>;

export const comparisons = [
  '<',
  '<=',
  '>',
  '>=',
] as const satisfies readonly RequirementWire['comparison'][];

/** An action that is open only while something is seen. */
export interface ReactionDraft extends ActionDraft {
  /** Alternative or level that is seen; empty: the action is always open. */
  signal: string;
  comparison: RequirementWire['comparison'];
  /** In percent or in the level's unit. */
  threshold: string;
  uses: string;
}

export interface ActorDraft {
  key: number;
  name: string;
  policy: Policy;
  budget: string;
  first: string;
  every: string;
  actions: readonly ReactionDraft[];
}

export interface HybridDraft {
  node: string;
  actors: readonly ActorDraft[];
}

export const mostActors = 10;

export function emptyReaction(key: number, variable: string): ReactionDraft {
  return { ...emptyAction(key, variable), signal: '', comparison: '<', threshold: '', uses: '1' };
}

export function emptyActor(key: number, variable: string): ActorDraft {
  return {
    key,
    name: '',
    policy: 'every_open',
    budget: '',
    first: '1',
    every: '1',
    actions: [emptyReaction(0, variable)],
  };
}

export function emptyHybrid(node: string, variable: string): HybridDraft {
  return { node, actors: [emptyActor(0, variable)] };
}

/** What keeps a run from being started, by field; actors and actions by their places. */
export function hybridErrors({ actors }: HybridDraft, horizon: number): FieldErrors {
  const names = actors.map(({ name }) => name.trim());
  return Object.fromEntries(
    actors.flatMap((actor, index) => {
      const errors = actorErrors(actor, horizon);
      const isTwice = names.indexOf(names[index] ?? '') !== index;
      const named = isTwice && !isBlank(actor.name) ? { ...errors, name: 'Named twice.' } : errors;
      return Object.entries(named).map(([field, words]) => [`actors.${index}.${field}`, words]);
    }),
  );
}

/** The errors of one actor, by its own fields. */
export function errorsOfActor(errors: FieldErrors, index: number): FieldErrors {
  const prefix = `actors.${index}.`;
  return Object.fromEntries(
    Object.entries(errors).flatMap(([field, words]) =>
      field.startsWith(prefix) ? [[field.slice(prefix.length), words]] : [],
    ),
  );
}

function actorErrors(draft: ActorDraft, horizon: number): FieldErrors {
  const errors: Record<string, string> = { ...actionErrors(draft.actions) };
  if (isBlank(draft.name)) errors.name = 'Give it a name.';
  if (!isBlank(draft.budget) && !(Number(draft.budget) >= 0)) {
    errors.budget = 'Zero or more, or nothing.';
  }
  for (const name of ['first', 'every'] as const) {
    if (!isCount(draft[name])) errors[name] = 'A whole number, 1 or more.';
  }
  if (Number(draft.first) > horizon) errors.first = `The run ends at ${horizon}.`;
  draft.actions.forEach(({ signal, threshold, uses }, index) => {
    if (!isCount(uses)) errors[`actions.${index}.uses`] = 'A whole number, 1 or more.';
    if (signal !== '' && !isNumber(threshold)) {
      errors[`actions.${index}.threshold`] = 'A number is missing.';
    }
  });
  return errors;
}

const isCount = (text: string) => /^\d+$/.test(text.trim()) && Number(text) >= 1;

type Seen = Pick<VariableRegistry, 'alternatives' | 'levels'>;

export function hybridRequest({ node, actors }: HybridDraft, registry: Seen): HybridRequest {
  return { node_id: node, actors: actors.map((actor) => actorOf(actor, registry)) };
}

function actorOf(draft: ActorDraft, registry: Seen): ActorWire {
  const { name, policy, budget, first, every, actions } = draft;
  return {
    name: name.trim(),
    policy,
    budget: isBlank(budget) ? null : Number(budget),
    first_tick: Number(first),
    every: Number(every),
    actions: actions.map((action) => ({
      ...actionOf(action),
      most_uses: Number(action.uses),
      preconditions: preconditionsOf(action, registry),
    })),
  };
}

function preconditionsOf(
  { signal, comparison, threshold }: ReactionDraft,
  registry: Seen,
): RequirementWire[] {
  if (signal === '') return [];
  const value = Number(threshold) / (levelOf(signal, registry) ? 1 : 100);
  return [{ quantity: signal, comparison, value }];
}

const levelOf = (name: string, { levels }: Seen) => levels.find((level) => level.name === name);

/** Fields of the request by the end of their path, as the form calls them. */
const actorFields: Readonly<Record<string, string>> = {
  name: 'name',
  policy: 'policy',
  budget: 'budget',
  first_tick: 'first',
  every: 'every',
};
const actionFields: Readonly<Record<string, string>> = {
  name: 'name',
  money: 'money',
  most_uses: 'uses',
  'effects.0.event_scripts.0.variable': 'variable',
  'effects.0.event_scripts.0.operation': 'operation',
  'effects.0.event_scripts.0.value': 'value',
  'preconditions.0.quantity': 'signal',
  'preconditions.0.comparison': 'comparison',
  'preconditions.0.value': 'threshold',
};

interface Refused {
  at: FieldErrors;
  /** Every error has found its field: there is nothing left to tell elsewhere. */
  isWhole: boolean;
}

/** What the server says about fields of the request, at the fields of the form. */
export function refusedFields(
  errors: readonly { field: string; message: string }[],
  draft: Pick<HybridDraft, 'actors'>,
): Refused {
  const found = errors.map(({ field, message }) => ({ field: formField(field, draft), message }));
  return {
    at: Object.fromEntries(
      found.flatMap(({ field, message }) => (field ? [[field, message]] : [])),
    ),
    isWhole: found.length > 0 && found.every(({ field }) => field !== undefined),
  };
}

/** The server counts actors, and counts actions by their place or calls them by their name. */
function formField(field: string, { actors }: Pick<HybridDraft, 'actors'>): string | undefined {
  const path = field.replaceAll(/\[(\d+)\]/g, '.$1');
  if (path === 'node_id') return 'node';
  const [, place, inside] = /^actors\.(\d+)\.(.+)$/.exec(path) ?? [];
  const actor = actors[Number(place)];
  const name = actor && inside ? actorField(inside, actor) : undefined;
  return name && `actors.${place}.${name}`;
}

function actorField(inside: string, { actions }: ActorDraft): string | undefined {
  const own = actorFields[inside];
  if (own !== undefined) return own;
  for (const [index, action] of actions.entries()) {
    const prefix = [`actions.${index}.`, `${action.name.trim()}.`].find((one) =>
      inside.startsWith(one),
    );
    const name = prefix === undefined ? undefined : actionFields[inside.slice(prefix.length)];
    if (name !== undefined) return `actions.${index}.${name}`;
  }
  return undefined;
}

export const actorSides: Sides = {
  base: 'no actors',
  branch: 'with actors',
  reference: 'the run without actors',
  verdicts: {
    up: 'higher with actors',
    down: 'lower with actors',
    unclear: 'no clear difference',
  },
};

/** With actors against without, in the form of any comparison; null: no share could be told. */
export function comparedOf(
  result: HybridResult,
  { finding, basis }: Pick<Hybrid, 'finding' | 'basis'>,
  registry: Seen,
): Compared | null {
  const [first] = result.differences;
  if (!first) return null;
  const { from_tick, to_tick, interval } = first.difference;
  return {
    sentence: finding ?? 'The difference that the actors make',
    metric: first.metric,
    from_tick,
    to_tick,
    interval,
    ticks: result.ticks,
    alternatives: registry.alternatives,
    differences: result.differences,
    levels: result.levels,
    series: result.series,
    level_series: result.level_series,
    base_digest: result.base_digest,
    branch_digest: result.digest,
    basis,
  };
}

/** How much of the ledger is shown, of how much there is, and what the server let go. */
export function ledgerWords({ taken, ledger }: HybridResult, shown: number): string {
  if (taken === 0) return 'No action was taken in any replicate';
  if (shown === taken) return `All ${count(taken)} actions taken`;
  const words = `The first ${count(shown)} of ${count(taken)} actions taken`;
  return ledger.length < taken
    ? `${words}; the ${count(ledger.length)} of the first replicates are kept`
    : words;
}

/** The named signals of the tick before, as an actor saw them. */
export function sawWords(
  { signals }: Pick<CouplingWire, 'signals'>,
  names: readonly string[],
  registry: Seen,
): string {
  return names
    .flatMap((name) => {
      const value = signals[name];
      return value === undefined
        ? []
        : [`${labelOf(name, registry)} ${seen(name, value, registry)}`];
    })
    .join(', ');
}

export function moveWords(
  { variable, occurred, before, after }: MoveWire,
  { variables }: Pick<VariableRegistry, 'variables'>,
): string {
  const known = variables.find(({ name }) => name === variable);
  const label = known ? variableTitle(known) : variable;
  if (!occurred) return `${label}: did not occur`;
  if (before === null || after === null) return `${label}: reaches nobody`;
  return `${label}: ${setting(before, known?.unit)} → ${setting(after, known?.unit)}`;
}

export function opensWords(preconditions: readonly RequirementWire[], registry: Seen): string {
  if (preconditions.length === 0) return 'always';
  return list(
    preconditions.map(
      ({ quantity, comparison, value }) =>
        `${labelOf(quantity, registry)} ${comparison} ${seen(quantity, value, registry)}`,
    ),
  );
}

function labelOf(name: string, { alternatives, levels }: Seen): string {
  return [...alternatives, ...levels].find((entry) => entry.name === name)?.label ?? name;
}

/** A share in percent, a mean in its unit, a signal of the request's own as a bare number. */
function seen(name: string, value: number, registry: Seen): string {
  const level = levelOf(name, registry);
  if (level) return setting(value, level.unit);
  const isShare = registry.alternatives.some((entry) => entry.name === name);
  // Not rounded to the width of an interval: what was seen has to be told from its threshold.
  return isShare ? setting(100 * value, '%') : setting(value);
}
