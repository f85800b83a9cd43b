/** A plan as a form makes it and as its result is told: what may be done, what for, what is in the way. */
import type {
  EventScriptInput,
  PathWire,
  Plan,
  PlanRequest,
  Project,
  StepWire,
  VariableRegistry,
} from '@/api/generated/types.gen';
import type { Terms } from '@/features/runs';
import {
  amountChange,
  amountRange,
  amountSigned,
  inUnit,
  list,
  moment,
  points,
  pointsRange,
  setting,
  shareRange,
} from '@/lib/format';
import type { WriteValue } from '@/ui/charts/geometry';
import {
  type ActionDraft,
  actionErrors,
  actionOf,
  emptyAction,
  type FieldErrors,
  isBlank,
  isNumber,
} from './actions';

export interface PlanDraft {
  actions: readonly ActionDraft[];
  /** An alternative or a level. */
  quantity: string;
  direction: 'high' | 'low';
  /** What the quantity must reach at the horizon, in percent or in the level's unit. */
  target: string;
  budget: string;
  ticks: string;
  steps: string;
}

/** Four times to act, evenly over the run. */
export function standardTicks(horizon: number): number[] {
  const quarter = Math.max(1, Math.floor(horizon / 4));
  return [0, 1, 2, 3].map((index) => 1 + index * quarter).filter((tick) => tick <= horizon);
}

/** What is wanted first where it is not more of the outcome: nobody plans for more infections. */
const firstGoals: { [domain: string]: Pick<PlanDraft, 'direction'> & { quantity?: string } } = {
  contagion: { direction: 'low' },
  consumption: { quantity: 'spending', direction: 'high' },
};

export function emptyPlan(
  project: Pick<Project, 'outcome_alternative' | 'horizon' | 'domain_template'>,
  variable: string,
): PlanDraft {
  return {
    actions: [emptyAction(0, variable)],
    quantity: project.outcome_alternative,
    direction: 'high',
    target: '',
    budget: '',
    ticks: standardTicks(project.horizon).join(', '),
    steps: '3',
    ...firstGoals[project.domain_template],
  };
}

/** What keeps a plan from being sent, by field; actions by their place. */
export function planErrors(draft: PlanDraft): FieldErrors {
  const errors: Record<string, string> = { ...actionErrors(draft.actions) };
  if (readTicks(draft.ticks) === null) errors.ticks = 'Whole numbers with commas between them.';
  if (!/^\d+$/.test(draft.steps.trim())) errors.steps = 'A whole number.';
  for (const name of ['target', 'budget'] as const) {
    if (!isBlank(draft[name]) && !isNumber(draft[name])) errors[name] = 'A number, or nothing.';
  }
  return errors;
}

function readTicks(text: string): number[] | null {
  const parts = text.split(',').map((part) => part.trim());
  return parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : null;
}

export const budgetName = 'budget';
export const targetName = 'target';

export function planRequest(
  draft: PlanDraft,
  horizon: number,
  registry: Pick<VariableRegistry, 'levels'>,
): PlanRequest {
  const isShare = !registry.levels.some((level) => level.name === draft.quantity);
  const constraints: NonNullable<PlanRequest['constraints']> = [];
  if (!isBlank(draft.budget)) {
    const upper = Number(draft.budget);
    constraints.push({ kind: 'limit', name: budgetName, quantity: 'money', upper });
  }
  if (!isBlank(draft.target)) {
    const bound = Number(draft.target) / (isShare ? 100 : 1);
    constraints.push({
      kind: 'limit',
      name: targetName,
      quantity: draft.quantity,
      ...(draft.direction === 'high' ? { lower: bound } : { upper: bound }),
      from_tick: horizon,
    });
  }
  return {
    actions: draft.actions.map(actionOf),
    goals: [
      {
        outcome: { kind: isShare ? 'stock_share' : 'level_mean', of: draft.quantity },
        weight: draft.direction === 'high' ? 1 : -1,
      },
    ],
    decision_ticks: readTicks(draft.ticks) ?? [],
    most_steps: Number(draft.steps),
    constraints,
  };
}

/** "Month 1: advertise; month 7: discount": nothing is an answer too. */
export function stepsWords(steps: readonly StepWire[], terms: Terms): string {
  if (steps.length === 0) return 'do nothing';
  return steps.map(({ tick, action }) => `${moment(tick, terms.unit)}: ${action}`).join('; ');
}

/** What a goal is about: an alternative or a level, or another quantity by its name. */
const subjectOf = ({ outcome, quantity }: NonNullable<PlanRequest['goals']>[number]) =>
  outcome?.of ?? quantity ?? '';

/** "raise adopted with discount or advertise; budget 100; at least 50 %" */
export function planWords(
  { request }: Pick<Plan, 'request'>,
  registry: Pick<VariableRegistry, 'alternatives' | 'levels'> &
    Partial<Pick<VariableRegistry, 'variables'>>,
): string {
  const named = [...registry.alternatives, ...registry.levels, ...(registry.variables ?? [])];
  const label = (name: string) => named.find((entry) => entry.name === name)?.label ?? name;
  if (request.seek) {
    const { variable, outcome, value } = request.seek;
    const unit = registry.levels.find((entry) => entry.name === outcome.of)?.unit ?? 'share';
    return `${label(variable)} for ${inUnit(value, unit)} of ${label(outcome.of)}`;
  }
  const goals = (request.goals ?? []).map(
    (goal) => `${(goal.weight ?? 1) < 0 ? 'lower' : 'raise'} ${label(subjectOf(goal))}`,
  );
  const means = list(
    (request.actions ?? []).map((action) => action.name),
    'disjunction',
  );
  return [`${goals.join(', ')} with ${means}`, ...limitsWords(request, registry)].join('; ');
}

function limitsWords(
  { constraints = [] }: PlanRequest,
  { levels }: Pick<VariableRegistry, 'levels'>,
): string[] {
  return constraints.flatMap((constraint) => {
    if (constraint.kind !== 'limit') return [];
    const { name, quantity, lower, upper } = constraint;
    if (name === budgetName) return [`budget ${setting(upper)}`];
    const level = levels.find((entry) => entry.name === quantity);
    const bound = lower ?? upper ?? null;
    const side = lower == null ? 'at most' : 'at least';
    return [`${side} ${inUnit(bound, level?.unit ?? 'share')}`];
  });
}

/** What a constraint is called in sentences and tables. */
export const constraintWords = (name: string) => (name === targetName ? 'the target' : name);

/** What may be changed where no path keeps to everything. */
export function wayOut(obstacles: readonly string[]): string {
  const ways = [
    ...(obstacles.includes(targetName) ? ['ask for less'] : []),
    ...(obstacles.includes(budgetName) ? ['raise the budget'] : []),
    'offer other actions',
    'allow more times or steps',
  ];
  return `To find one: ${list(ways, 'disjunction')}.`;
}

/** How a path's value is written: a share, a mean in its unit, or a bare score of several goals. */
export interface Scale {
  gain: (low: number, high: number) => string;
  value: (path: Pick<PathWire, 'low' | 'high'>) => string;
  tick: WriteValue;
}

export function scaleOf(request: PlanRequest, registry: VariableRegistry): Scale {
  const goals = request.seek ? [{ outcome: request.seek.outcome }] : (request.goals ?? []);
  const goal: NonNullable<PlanRequest['goals']>[number] | undefined = goals[0];
  const weight = goal?.weight ?? 1;
  const isPlain = goals.length === 1 && Math.abs(weight) === 1;
  const subject = goal && subjectOf(goal);
  const level = registry.levels.find((entry) => entry.name === subject);
  const isShare = registry.alternatives.some((entry) => entry.name === subject);
  // A goal to lower something counts down; its value is told as people know it.
  const sides = (path: Pick<PathWire, 'low' | 'high'>): [number, number] =>
    weight < 0 ? [-path.high, -path.low] : [path.low, path.high];
  if (isPlain && isShare) {
    return { gain: pointsRange, value: (path) => shareRange(...sides(path)), tick: points };
  }
  const unit = isPlain && level ? level.unit : '1';
  return {
    gain: (low, high) => amountChange(low, high, unit),
    value: (path) =>
      isPlain ? amountRange(...sides(path), unit) : amountRange(path.low, path.high, unit),
    tick: amountSigned,
  };
}

/** By how much a constraint is missed: a share in points, anything else as a bare number. */
export function missWords(
  { constraints = [] }: PlanRequest,
  name: string,
  amount: number,
  { alternatives }: Pick<VariableRegistry, 'alternatives'>,
): string {
  const found = constraints.find((constraint) => constraint.name === name);
  const isShare =
    found?.kind === 'limit' && alternatives.some((entry) => entry.name === found.quantity);
  return isShare ? points(amount).replace('+', '') : setting(amount);
}

/** A path as events of a new world version; sentences are the server's to write. */
export function scriptsOf(path: PathWire): EventScriptInput[] {
  return path.event_scripts.map(({ sentence: _, ...script }) => script);
}

export const costWords = (money: number) => (money === 0 ? 'free' : `costs ${setting(money)}`);
