import { opinions, scriptOf, variableOf } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type { PathWire, Project, VariableRegistry } from '@/api/generated/types.gen';
import type { ActionDraft } from './actions';
import {
  emptyPlan,
  missWords,
  type PlanDraft,
  planErrors,
  planRequest,
  planWords,
  scaleOf,
  scriptsOf,
  standardTicks,
  stepsWords,
  wayOut,
} from './plans';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

const registry: VariableRegistry = {
  variables: [variableOf('price')],
  alternatives: [{ name: 'adopted', label: 'adopted', personas: 1 }],
  regions: [],
  segments: [],
  levels: [{ name: 'spending', label: 'spending', unit: 'USD', minimum: 0, maximum: 1e6 }],
  examples: [],
};

const advertise: ActionDraft = {
  key: 0,
  name: 'discount',
  variable: 'price',
  operation: 'multiply',
  value: '0.5',
  money: '80',
};

const projectOf = (domain_template: Project['domain_template']) => ({
  outcome_alternative: 'adopted',
  horizon: 12,
  domain_template,
});

function draftOf(change: Partial<PlanDraft> = {}): PlanDraft {
  const empty = emptyPlan(projectOf('adoption'), 'price');
  return { ...empty, actions: [advertise], ...change };
}

function pathOf(change: Partial<PathWire> = {}): PathWire {
  return {
    steps: [{ tick: 4, action: 'discount' }],
    value: 0.3,
    low: 0.28,
    high: 0.32,
    gain_low: 0.1,
    gain_median: 0.12,
    gain_high: 0.14,
    estimate: 0.3,
    money: 80,
    time_ticks: 0,
    event_scripts: [],
    digest: 'digest',
    ...change,
  };
}

test('times to act are spread over the run and stay within it', () => {
  expect(standardTicks(36)).toEqual([1, 10, 19, 28]);
  expect(standardTicks(2)).toEqual([1, 2]);
});

test('a first goal is what the domain is about', () => {
  expect(emptyPlan(projectOf('adoption'), 'price')).toMatchObject({ direction: 'high' });
  expect(emptyPlan(projectOf('contagion'), 'price')).toMatchObject({
    quantity: 'adopted',
    direction: 'low',
  });
  expect(emptyPlan(projectOf('consumption'), 'price').quantity).toBe('spending');
});

test('what is missing or wrong is named by its field', () => {
  const unnamed = { ...advertise, key: 1, name: ' ', value: '', money: '-1' };
  expect(planErrors(draftOf({ actions: [advertise, unnamed] }))).toEqual({
    'actions.1.name': 'Give it a name.',
    'actions.1.value': 'A number is missing.',
    'actions.1.money': 'A cost is zero or more.',
  });
  expect(planErrors(draftOf({ actions: [advertise, { ...advertise, key: 1 }] }))).toEqual({
    'actions.1.name': 'Named twice.',
  });
  expect(planErrors(draftOf({ ticks: '1; 2', steps: 'few', budget: 'much' }))).toEqual({
    ticks: 'Whole numbers with commas between them.',
    steps: 'A whole number.',
    budget: 'A number, or nothing.',
  });
  expect(planErrors(draftOf())).toEqual({});
});

test('a target in percent is sent as a share, a budget as a limit of money', () => {
  const request = planRequest(draftOf({ target: '40', budget: '100' }), 12, registry);
  expect(request.constraints).toEqual([
    { kind: 'limit', name: 'budget', quantity: 'money', upper: 100 },
    { kind: 'limit', name: 'target', quantity: 'adopted', lower: 0.4, from_tick: 12 },
  ]);
  expect(request.goals).toEqual([{ outcome: { kind: 'stock_share', of: 'adopted' }, weight: 1 }]);
  expect(request.decision_ticks).toEqual([1, 4, 7, 10]);
  expect(request.actions).toEqual([
    {
      name: 'discount',
      money: 80,
      effects: [{ event_scripts: [{ variable: 'price', operation: 'multiply', value: 0.5 }] }],
    },
  ]);
});

test('to lower a mean, its target is an upper bound in its own unit', () => {
  const draft = draftOf({ quantity: 'spending', direction: 'low', target: '7000' });
  const request = planRequest(draft, 12, registry);
  expect(request.goals).toEqual([{ outcome: { kind: 'level_mean', of: 'spending' }, weight: -1 }]);
  expect(request.constraints).toEqual([
    { kind: 'limit', name: 'target', quantity: 'spending', upper: 7000, from_tick: 12 },
  ]);
});

test('a share gains points, a mean its unit, several goals a bare score', () => {
  const share = scaleOf(planRequest(draftOf(), 12, registry), registry);
  expect(plain(share.gain(0.1, 0.14))).toBe('+10 to +14 pp');
  expect(plain(share.value(pathOf()))).toBe('28–32 %');
  const lower = planRequest(draftOf({ quantity: 'spending', direction: 'low' }), 12, registry);
  const money = scaleOf(lower, registry);
  expect(money.gain(40, 60)).toBe('+$40 to +$60');
  expect(money.value({ low: -7100, high: -7000 })).toBe('$7,000–$7,100');
  const both = scaleOf(
    { ...lower, goals: [...(lower.goals ?? []), ...(lower.goals ?? [])] },
    registry,
  );
  expect(both.gain(40, 60)).toBe('+40 to +60');
});

test('a path is told step by step, and doing nothing is one', () => {
  expect(plain(stepsWords(pathOf().steps, opinions))).toBe('week 4: discount');
  expect(stepsWords([], opinions)).toBe('do nothing');
});

test('plans with the same goal are told apart by their means and limits', () => {
  const request = planRequest(draftOf({ target: '40', budget: '100' }), 12, registry);
  expect(plain(planWords({ request }, registry))).toBe(
    'raise adopted with discount; budget 100; at least 40 %',
  );
  const draft = draftOf({ quantity: 'spending', direction: 'low', target: '7000' });
  expect(planWords({ request: planRequest(draft, 12, registry) }, registry)).toBe(
    'lower spending with discount; at most $7,000',
  );
});

test('where no path is found the way out names what is in the way', () => {
  expect(wayOut(['target', 'uses of discount'])).toMatch(/ask for less/);
  expect(wayOut(['budget'])).toMatch(/raise the budget/);
  expect(wayOut(['budget'])).not.toMatch(/ask for less/);
});

test('a path becomes events without the sentences that the server writes', () => {
  const script = scriptOf({ sentence: 'price −50 %' });
  const [sent] = scriptsOf(pathOf({ event_scripts: [script] }));
  expect(sent).toEqual(scriptOf({}));
});

test('a missed share is told in points, missed money as it is', () => {
  const request = planRequest(draftOf({ target: '99', budget: '100' }), 12, registry);
  expect(plain(missWords(request, 'target', 0.8378, registry))).toBe('84 pp');
  expect(missWords(request, 'budget', 30, registry)).toBe('30');
  expect(missWords(request, 'uses of discount', 1, registry)).toBe('1');
});

test('a value that is sought is told by its variable and what it is to lead to', () => {
  const first = registry.alternatives[0]?.name ?? '';
  const request = {
    seek: {
      variable: 'fare.bus',
      lower: 0,
      upper: 9,
      outcome: { kind: 'flow_share' as const, of: first },
      value: 0.35,
    },
  };
  const label = registry.alternatives[0]?.label;
  expect(plain(planWords({ request }, registry))).toBe(`fare.bus for 35 % of ${label}`);
  expect(plain(scaleOf(request, registry).value({ low: 0.34, high: 0.36 }))).toBe('34–36 %');
});
