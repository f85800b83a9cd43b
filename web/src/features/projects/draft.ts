/** The project being made: all of it lives in the address, so a reload or a link continues it. */
import type {
  DomainTemplate,
  ProjectCreate,
  RoleOffer,
  TemplateVariant,
} from '@/api/generated/types.gen';
import { type ChosenRoles, rolesOf, takesState } from './roles';

export const STEPS = ['goal', 'people', 'domain', 'outcome', 'review'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  goal: 'Goal',
  people: 'People',
  domain: 'Domain',
  outcome: 'Outcome and horizon',
  review: 'Review',
};

export type DomainName = DomainTemplate['name'];
export const STANDARD_DOMAIN: DomainName = 'consumer_choice';

export interface Draft extends ChosenRoles {
  step: Step;
  name?: string;
  goal?: string;
  population?: string;
  domain?: DomainName;
  alternative?: string;
  horizon?: number;
  replicates?: number;
  seed?: number;
  /** Options, start and behaviour that differ from the domain's own. */
  options?: Record<string, string>;
  shares?: Record<string, number>;
  parameters?: Record<string, number>;
}

export const STANDARD = { horizon: 36, replicates: 20, seed: 20 } as const;
export const BOUNDS = {
  horizon: [1, 600],
  replicates: [8, 200],
  seed: [0, 4_294_967_295],
} as const;

/** What belongs to a domain and is dropped when another one is chosen. */
export const OF_DOMAIN = {
  alternative: undefined,
  options: undefined,
  shares: undefined,
  parameters: undefined,
  roles: undefined,
  meanings: undefined,
  amounts: undefined,
} as const;

const NUMBERS = ['horizon', 'replicates', 'seed'] as const;
const TEXTS = ['name', 'goal', 'population', 'alternative'] as const;
const DOMAINS: readonly DomainName[] = [
  'consumer_choice',
  'adoption',
  'opinion',
  'election',
  'contagion',
  'consumption',
];

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
  const domain = DOMAINS.find((name) => name === search.domain);
  const options = readMap(search.options, text);
  const roles = readMap(search.roles, text);
  const meanings = readMap(search.meanings, text);
  const amounts = readMap(search.amounts, finite);
  const shares = readMap(search.shares, finite);
  const parameters = readMap(search.parameters, finite);
  if (domain) draft.domain = domain;
  if (options) draft.options = options;
  if (roles) draft.roles = roles;
  if (meanings) draft.meanings = meanings;
  if (amounts) draft.amounts = amounts;
  if (shares) draft.shares = shares;
  if (parameters) draft.parameters = parameters;
  return draft;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

const finite = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function readMap<T>(
  value: unknown,
  read: (value: unknown) => T | null,
): Record<string, T> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const known = Object.entries(value).flatMap(([key, entry]): [string, T][] => {
    const found = read(entry);
    return found === null ? [] : [[key, found]];
  });
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

export function domainOf({ domain }: Pick<Draft, 'domain'>): DomainName {
  return domain ?? STANDARD_DOMAIN;
}

/** The domain as the draft's options make it. */
export interface Chosen {
  template: DomainTemplate;
  variant: TemplateVariant;
}

export function chosenOf(
  draft: Pick<Draft, 'domain' | 'options'>,
  templates: readonly DomainTemplate[] | undefined,
): Chosen | undefined {
  const template = templates?.find((entry) => entry.name === domainOf(draft));
  const variant = template?.variants.find(({ options }) =>
    Object.entries(options).every(
      ([name, value]) => (draft.options?.[name] ?? defaultOf(template, name)) === value,
    ),
  );
  return template && variant ? { template, variant } : undefined;
}

function defaultOf(template: DomainTemplate, option: string): string | undefined {
  return template.options.find((entry) => entry.name === option)?.default;
}

/** Whether everybody's start is asked for: not where it follows from the personas' own data. */
export function startShares({ template, variant }: Chosen): Record<string, number> | null {
  return template.starts_by_level ? null : variant.start_shares;
}

/** Problems by the API's own names of the fields, so that its answers land where they belong. */
export type Errors = Record<string, string>;

/** What stops a step from being finished; until the domain is known its bounds stay open. */
export function stepErrors(draft: Draft, step: Step, chosen?: Chosen): Errors {
  if (step === 'goal') return draft.name?.trim() ? {} : { name: 'Give the project a name.' };
  if (step === 'people') {
    return draft.population ? {} : { population_id: 'Choose a population or add one from a file.' };
  }
  if (step !== 'outcome') return {};
  return {
    ...numberErrors(draft),
    ...parameterErrors(draft, chosen),
    ...shareErrors(draft, chosen),
  };
}

function numberErrors(draft: Draft): Errors {
  const errors: Errors = {};
  for (const key of NUMBERS) {
    const [low, high] = BOUNDS[key];
    const value = draft[key];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < low || value > high) {
      errors[key] = `A whole number from ${low} to ${high.toLocaleString('en')}.`;
    }
  }
  return errors;
}

function parameterErrors(draft: Draft, chosen: Chosen | undefined): Errors {
  const errors: Errors = {};
  for (const { name, minimum, maximum } of chosen?.variant.parameters ?? []) {
    const value = draft.parameters?.[name];
    if (value !== undefined && (value < minimum || value > maximum)) {
      errors[`parameters.${name}`] = `From ${minimum} to ${maximum}.`;
    }
  }
  return errors;
}

function shareErrors(draft: Draft, chosen: Chosen | undefined): Errors {
  const standard = chosen && startShares(chosen);
  if (!standard || !draft.shares) return {};
  const values = Object.values(wholeShares(draft.shares, standard));
  const total = values.reduce((sum, value) => sum + value, 0);
  if (values.some((value) => value < 0)) return { start_shares: 'No share can be below zero.' };
  if (Math.abs(total - 1) > 1e-9) {
    return { start_shares: `Together they are ${percent(total)} %; they must be 100 %.` };
  }
  return {};
}

/** 0.1 + 0.2 as 30, without what binary fractions leave over. */
export function percent(value: number): number {
  return Number((100 * value).toPrecision(10));
}

/** Every alternative's share: the draft's where it has one, else the domain's. */
export function wholeShares(
  given: Record<string, number> | undefined,
  standard: Record<string, number>,
): Record<string, number> {
  return { ...standard, ...given };
}

/** The step that holds a field of the request, for problems that only the server can find. */
export function stepOfField(field: string): Step {
  if (field === 'name' || field === 'goal') return 'goal';
  if (field === 'population_id') return 'people';
  if (field.startsWith('template_options') || field === 'domain_template') return 'domain';
  if (field.startsWith('roles')) return 'domain';
  return 'outcome';
}

/** The first step that still needs something; an address cannot skip it. */
export function reachable(draft: Draft): Step {
  const open = STEPS.find((step) => Object.keys(stepErrors(draft, step)).length > 0);
  return open ?? 'review';
}

/** What is sent; values equal to the default are left to the server's registry. */
export function toRequest(
  draft: Draft,
  chosen?: Chosen,
  offers?: readonly RoleOffer[],
): ProjectCreate {
  const isTaken = takesState(offers ?? [], draft.roles);
  const standard = chosen && !isTaken ? startShares(chosen) : null;
  return {
    name: draft.name?.trim() ?? '',
    goal: draft.goal?.trim() ?? '',
    population_id: draft.population ?? '',
    domain_template: domainOf(draft),
    template_options: draft.options ?? {},
    start_shares: draft.shares && standard ? wholeShares(draft.shares, standard) : null,
    horizon: draft.horizon ?? STANDARD.horizon,
    replicates: draft.replicates ?? STANDARD.replicates,
    seed: draft.seed ?? STANDARD.seed,
    outcome_alternative: draft.alternative ?? null,
    parameters: draft.parameters ?? {},
    roles: offers ? rolesOf(offers, draft) : null,
  };
}
