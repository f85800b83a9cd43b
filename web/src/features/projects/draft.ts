/** The project being made: all of it lives in the address, so a reload or a link continues it. */
import type { DomainTemplate, ProjectCreate, TemplateParameter } from '@/api/generated/types.gen';

export const STEPS = ['goal', 'people', 'outcome', 'review'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  goal: 'Goal',
  people: 'People',
  outcome: 'Outcome and horizon',
  review: 'Review',
};

export interface Draft {
  step: Step;
  name?: string;
  goal?: string;
  population?: string;
  alternative?: string;
  horizon?: number;
  replicates?: number;
  seed?: number;
  replacement_rate?: number;
  conformity?: number;
  loss_aversion?: number;
}

const BEHAVIOUR = ['replacement_rate', 'conformity', 'loss_aversion'] as const;
export type BehaviourName = (typeof BEHAVIOUR)[number];

export function isBehaviour(name: string): name is BehaviourName {
  return (BEHAVIOUR as readonly string[]).includes(name);
}

/** What the server says of a behavioural parameter; its values stay the engine's alone. */
export type Parameter = TemplateParameter & { name: BehaviourName };

export function behaviour(template: DomainTemplate): Parameter[] {
  return template.parameters.flatMap((parameter) =>
    isBehaviour(parameter.name) ? [{ ...parameter, name: parameter.name }] : [],
  );
}

export const STANDARD = { horizon: 36, replicates: 20, seed: 20 } as const;
export const BOUNDS = {
  horizon: [1, 600],
  replicates: [8, 200],
  seed: [0, 4_294_967_295],
} as const;

const NUMBERS = ['horizon', 'replicates', 'seed', ...BEHAVIOUR] as const;
const TEXTS = ['name', 'goal', 'population', 'alternative'] as const;

/** Reads the draft from an address; what does not fit is dropped rather than guessed. */
export function readDraft(search: Record<string, unknown>): Draft {
  const draft: Draft = {
    step: STEPS.find((step) => step === search.step) ?? 'goal',
  };
  for (const key of TEXTS) {
    // The router reads `name=2024` as a number.
    const value = search[key];
    if (typeof value === 'string' || typeof value === 'number') draft[key] = String(value);
  }
  for (const key of NUMBERS) {
    const value = Number(search[key]);
    if (search[key] !== undefined && Number.isFinite(value)) draft[key] = value;
  }
  return draft;
}

/** What stops a step from being finished, by field; without parameters their bounds stay open. */
export function stepErrors(
  draft: Draft,
  step: Step,
  parameters: readonly Parameter[] = [],
): Record<string, string> {
  if (step === 'goal') return draft.name?.trim() ? {} : { name: 'Give the project a name.' };
  if (step === 'people') {
    return draft.population ? {} : { population: 'Choose a population or add one from a file.' };
  }
  if (step === 'outcome') return numberErrors(draft, parameters);
  return {};
}

function numberErrors(draft: Draft, parameters: readonly Parameter[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [key, [low, high]] of Object.entries(BOUNDS)) {
    const value = draft[key as keyof typeof BOUNDS];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < low || value > high) {
      errors[key] = `A whole number from ${low} to ${high.toLocaleString('en')}.`;
    }
  }
  for (const { name, minimum, maximum } of parameters) {
    const value = draft[name];
    if (value !== undefined && (value < minimum || value > maximum)) {
      errors[name] = `From ${minimum} to ${maximum}.`;
    }
  }
  return errors;
}

/** The first step that still needs something; an address cannot skip it. */
export function reachable(draft: Draft): Step {
  const open = STEPS.find((step) => Object.keys(stepErrors(draft, step)).length > 0);
  return open ?? 'review';
}

/** What is sent; values equal to the default are left to the server's registry. */
export function toRequest(draft: Draft): ProjectCreate {
  const parameters: Record<string, number> = {};
  for (const name of BEHAVIOUR) {
    const value = draft[name];
    if (value !== undefined) parameters[name] = value;
  }
  return {
    name: draft.name?.trim() ?? '',
    goal: draft.goal?.trim() ?? '',
    population_id: draft.population ?? '',
    horizon: draft.horizon ?? STANDARD.horizon,
    replicates: draft.replicates ?? STANDARD.replicates,
    seed: draft.seed ?? STANDARD.seed,
    outcome_alternative: draft.alternative ?? null,
    parameters,
  };
}
