/** The project being made: all of it lives in the address, so a reload or a link continues it. */
import type { ProjectCreate } from '@/api/generated/types.gen';

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

/** A behavioural parameter of the rule pack: default and bounds as the engine's registry has them. */
export interface Parameter {
  name: 'replacement_rate' | 'conformity' | 'loss_aversion';
  label: string;
  meaning: string;
  unit: string;
  minimum: number;
  maximum: number;
  standard: number;
  source: string;
  /** The data do not identify it; results also show what they are without it. */
  assumption: boolean;
}

/** Mirrors `consumer_choice_parameters` of the engine; the journey compares it with the server. */
export const PARAMETERS: readonly Parameter[] = [
  {
    name: 'replacement_rate',
    label: 'Replacement rate',
    meaning: 'Share of systems that reach their end of life each month.',
    unit: 'per month',
    minimum: 0,
    maximum: 1,
    standard: 1 / 216,
    source: 'ASHRAE median furnace life of 18 years: one in 216 systems ends each month',
    assumption: false,
  },
  {
    name: 'conformity',
    label: 'Conformity',
    meaning: 'How strongly people are drawn to what their neighbours have; 0 switches it off.',
    unit: '',
    minimum: 0,
    maximum: 3,
    standard: 1.67,
    source: 'Bond & Smith 1996, d = 0.92, as log-odds d·π/√3',
    assumption: true,
  },
  {
    name: 'loss_aversion',
    label: 'Loss aversion',
    meaning: 'How much heavier a loss weighs than a gain, seen from the current system; 1 is even.',
    unit: '×',
    minimum: 1,
    maximum: 4,
    standard: 2.25,
    source: 'Tversky & Kahneman 1992, λ = 2.25',
    assumption: true,
  },
];

export const STANDARD = { horizon: 36, replicates: 20, seed: 20 } as const;
export const BOUNDS = {
  horizon: [1, 600],
  replicates: [8, 200],
  seed: [0, 4_294_967_295],
} as const;

const NUMBERS = [
  'horizon',
  'replicates',
  'seed',
  'replacement_rate',
  'conformity',
  'loss_aversion',
] as const;
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

/** What stops a step from being finished, by field. */
export function stepErrors(draft: Draft, step: Step): Record<string, string> {
  if (step === 'goal') return draft.name?.trim() ? {} : { name: 'Give the project a name.' };
  if (step === 'people') {
    return draft.population ? {} : { population: 'Choose a population or add one from a file.' };
  }
  if (step === 'outcome') return numberErrors(draft);
  return {};
}

function numberErrors(draft: Draft): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [key, [low, high]] of Object.entries(BOUNDS)) {
    const value = draft[key as keyof typeof BOUNDS];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < low || value > high) {
      errors[key] = `A whole number from ${low} to ${high.toLocaleString('en')}.`;
    }
  }
  for (const { name, minimum, maximum } of PARAMETERS) {
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
  for (const { name } of PARAMETERS) {
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
