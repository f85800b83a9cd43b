import { expect, test } from 'vitest';
import type {
  DomainTemplate,
  RoleOffer,
  TemplateParameter,
  TemplateVariant,
} from '@/api/generated/types.gen';
import {
  chosenOf,
  type Draft,
  reachable,
  readDraft,
  stepErrors,
  stepOfField,
  toRequest,
} from './draft';
import { alternativesOf, rolesOf, withColumn } from './roles';

const imitation: TemplateParameter = {
  name: 'imitation',
  label: 'pull to adopt',
  unit: 'per year',
  minimum: 0,
  maximum: 0.8,
  default: 0.38,
  source: 'a study',
  assumption: false,
};

function variantOf(change: Partial<TemplateVariant>): TemplateVariant {
  return {
    options: { mechanism: 'bass' },
    metrics: ['stock_share'],
    closed_form: false,
    social_rules: 'influence of neighbours',
    parameters: [imitation],
    alternatives: [
      { name: 'not_yet', label: 'not yet adopted' },
      { name: 'adopted', label: 'adopted' },
    ],
    outcome_alternative: 'adopted',
    levels: [],
    start_shares: { not_yet: 1, adopted: 0 },
    ...change,
  };
}

function adoption(change: Partial<DomainTemplate> = {}): DomainTemplate {
  const { options: _, ...first } = variantOf({});
  return {
    ...first,
    name: 'adoption',
    label: 'Adoption',
    description: 'Something new spreads.',
    tick_unit: 'month',
    default_metric: 'stock_share',
    start_source: 'assumption: nobody has adopted yet',
    starts_by_level: false,
    options: [
      {
        name: 'mechanism',
        label: 'how people take it up',
        default: 'bass',
        choices: [
          { name: 'bass', label: 'imitators' },
          { name: 'complex', label: 'several sources' },
        ],
      },
    ],
    variants: [
      variantOf({}),
      variantOf({
        options: { mechanism: 'complex' },
        start_shares: { not_yet: 0.95, adopted: 0.05 },
      }),
    ],
    ...change,
  };
}

const drafted: Draft = { step: 'outcome', name: 'x', population: 'p', domain: 'adoption' };

test('an address is read back as the draft it was written from', () => {
  const draft: Draft = {
    step: 'outcome',
    name: '2024',
    population: 'p',
    domain: 'adoption',
    horizon: 24,
    options: { mechanism: 'complex' },
    shares: { not_yet: 0.9, adopted: 0.1 },
    parameters: { imitation: 0.5 },
  };
  expect(readDraft({ ...draft })).toEqual(draft);
  expect(readDraft({ name: 2024 }).name).toBe('2024');
});

test('what an address cannot mean is dropped', () => {
  const search = {
    step: 'launch',
    horizon: 'soon',
    domain: 'astrology',
    options: ['complex'],
    shares: { adopted: 'half' },
    parameters: 3,
  };
  expect(readDraft(search)).toEqual({ step: 'goal' });
});

test('an address cannot skip a step that is not finished', () => {
  expect(reachable({ step: 'review' })).toBe('goal');
  expect(reachable({ step: 'review', name: 'x' })).toBe('people');
  expect(reachable({ step: 'review', name: 'x', population: 'p', replicates: 2 })).toBe('outcome');
  expect(reachable({ step: 'goal', name: 'x', population: 'p' })).toBe('review');
});

test('options decide which variant of the domain is meant, defaults fill in', () => {
  const templates = [adoption()];
  expect(chosenOf(drafted, templates)?.variant.options).toEqual({ mechanism: 'bass' });
  const complex = chosenOf({ ...drafted, options: { mechanism: 'complex' } }, templates);
  expect(complex?.variant.start_shares).toEqual({ not_yet: 0.95, adopted: 0.05 });
  expect(chosenOf({ ...drafted, options: { mechanism: 'magic' } }, templates)).toBeUndefined();
  expect(chosenOf({}, templates)).toBeUndefined();
});

test('each wrong number is named as the API names it, with its range', () => {
  const draft = { ...drafted, horizon: 12.5, replicates: 7, parameters: { imitation: 9 } };
  expect(stepErrors(draft, 'outcome', chosenOf(draft, [adoption()]))).toEqual({
    horizon: 'A whole number from 1 to 600.',
    replicates: 'A whole number from 8 to 200.',
    'parameters.imitation': 'From 0 to 0.8.',
  });
});

test('shares at the start have to be everybody', () => {
  const chosen = chosenOf(drafted, [adoption()]);
  const start = (shares: Record<string, number>) =>
    stepErrors({ ...drafted, shares }, 'outcome', chosen);
  expect(start({ adopted: 0.1 })).toEqual({
    start_shares: 'Together they are 110 %; they must be 100 %.',
  });
  expect(start({ not_yet: 1.1, adopted: -0.1 })).toEqual({
    start_shares: 'No share can be below zero.',
  });
  expect(start({ not_yet: 0.9, adopted: 0.1 })).toEqual({});
});

test('only what differs from the domain is sent', () => {
  const chosen = chosenOf(drafted, [adoption()]);
  expect(toRequest({ ...drafted, name: ' Pumps ' }, chosen)).toEqual({
    name: 'Pumps',
    goal: '',
    population_id: 'p',
    domain_template: 'adoption',
    template_options: {},
    start_shares: null,
    horizon: 36,
    replicates: 20,
    seed: 20,
    outcome_alternative: null,
    parameters: {},
    roles: null,
  });
  const own = { ...drafted, shares: { not_yet: 0.9, adopted: 0.1 }, parameters: { imitation: 0 } };
  expect(toRequest(own, chosen)).toMatchObject({
    start_shares: { not_yet: 0.9, adopted: 0.1 },
    parameters: { imitation: 0 },
  });
});

test('no start is sent where it follows from the personas themselves', () => {
  const chosen = chosenOf(drafted, [adoption({ starts_by_level: true })]);
  expect(toRequest({ ...drafted, shares: { adopted: 1 } }, chosen).start_shares).toBeNull();
});

test('a field that the server refuses is found on its step', () => {
  expect(stepOfField('name')).toBe('goal');
  expect(stepOfField('template_options.mechanism')).toBe('domain');
  expect(stepOfField('parameters.imitation')).toBe('outcome');
  expect(stepOfField('start_shares')).toBe('outcome');
});

test('a project takes what the file suggests unless another column, or none, is chosen', () => {
  const vote: RoleOffer = {
    name: 'vote',
    label: 'what people intend to vote',
    kind: 'state',
    states: [{ name: 'abstain', label: 'does not vote' }],
    open: true,
    columns: [
      {
        name: 'party',
        shares: { Greens: 0.6, Reds: 0.4 },
        mapping: {
          column: 'party',
          states: [
            { value: 'Greens', state: 'Greens', label: 'Greens' },
            { value: 'Reds', state: 'Reds', label: 'Reds' },
          ],
        },
      },
    ],
    suggested: 'party',
    sure: true,
  };
  const draft: Draft = { step: 'review', name: 'Vote', population: 'p', domain: 'election' };
  expect(Object.keys(toRequest(draft, undefined, [vote]).roles ?? {})).toEqual(['vote']);
  expect(alternativesOf([vote], {})?.map(({ label }) => label)).toEqual(['Greens', 'Reds']);
  const none = { ...draft, roles: { vote: '' } };
  expect(toRequest(none, undefined, [vote]).roles).toEqual({});
  expect(readDraft({ ...none }).roles).toEqual({ vote: '' });
});

function stance(mapping: RoleOffer['columns'][number]['mapping']): RoleOffer {
  return {
    name: 'opinion',
    label: 'opinion on the issue',
    kind: 'scale',
    states: [
      { name: 'against', label: 'against' },
      { name: 'undecided', label: 'undecided' },
      { name: 'for', label: 'in favour' },
    ],
    open: false,
    columns: [{ name: 'aid', shares: { enough: 0.4, 'too little': 0.6 }, mapping }],
    suggested: null,
    sure: false,
  };
}

test('words that say nothing of a stance mean what the person says', () => {
  const offer = stance(null);
  const chosen = { roles: { opinion: 'aid' } };
  expect(rolesOf([offer], chosen).opinion?.states).toEqual([]);
  const meanings = { 'opinion:too little': 'for', 'opinion:enough': 'against' };
  expect(rolesOf([offer], { ...chosen, meanings }).opinion?.states).toEqual([
    { value: 'enough', state: 'against', label: 'against' },
    { value: 'too little', state: 'for', label: 'in favour' },
  ]);
  expect(withColumn({ ...chosen, meanings }, 'opinion', 'age').meanings).toEqual({});
});

test('the ends of a scale are read as the person says, by way of the address too', () => {
  const offer = stance({ column: 'aid', states: [], low: 1, high: 7 });
  const draft = readDraft({
    roles: { opinion: 'aid' },
    amounts: { 'opinion:low': 7, 'opinion:high': 1 },
  });
  expect(rolesOf([offer], draft).opinion).toEqual({ column: 'aid', states: [], low: 7, high: 1 });
});
