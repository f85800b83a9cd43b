import { differenceOf, levelOf } from '@tests/factories/comparisons';
import { surveyed, variableOf } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type {
  CouplingWire,
  HybridResult,
  MoveWire,
  VariableRegistry,
} from '@/api/generated/types.gen';
import {
  type ActorDraft,
  comparedOf,
  emptyActor,
  emptyHybrid,
  emptyReaction,
  errorsOfActor,
  type HybridDraft,
  hybridErrors,
  hybridRequest,
  ledgerWords,
  moveWords,
  opensWords,
  type ReactionDraft,
  refusedFields,
  sawWords,
} from './hybrids';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

const registry: VariableRegistry = {
  variables: [variableOf('price', { unit: 'USD', label: 'price' })],
  alternatives: [
    { name: 'adopted', label: 'adopted', personas: 1 },
    { name: 'not_yet', label: 'not yet', personas: 1 },
  ],
  regions: [],
  segments: [],
  levels: [{ name: 'spending', label: 'spending', unit: 'USD', minimum: 0, maximum: 1e6 }],
  examples: [],
};

const subsidise: ReactionDraft = {
  ...emptyReaction(0, 'price'),
  name: ' subsidise ',
  value: '0.5',
  money: '5',
  uses: '9',
};

function actorDraft(change: Partial<ActorDraft> = {}): ActorDraft {
  return { ...emptyActor(0, 'price'), name: ' regulator ', actions: [subsidise], ...change };
}

function draftOf(change: Partial<ActorDraft> = {}): HybridDraft {
  return { ...emptyHybrid('root', 'price'), actors: [actorDraft(change)] };
}

const firstMove: MoveWire = {
  variable: 'price',
  tick: 3,
  occurred: true,
  before: 500,
  after: 250,
};

function entryOf(change: Partial<CouplingWire> = {}): CouplingWire {
  return {
    tick: 3,
    replicate: 0,
    actor: 'regulator',
    action: 'subsidise',
    use: 1,
    signals: { adopted: 0.12, not_yet: 0.88, spending: 40 },
    spent: 5,
    moves: [firstMove],
    ...change,
  };
}

function resultOf(change: Partial<HybridResult> = {}): HybridResult {
  return {
    outcome: null,
    differences: [],
    levels: [],
    ticks: [0, 1, 2],
    series: [],
    level_series: [],
    uses: [],
    ledger: [],
    taken: 0,
    replicates: 20,
    base_digest: 'without',
    digest: 'with',
    ...change,
  };
}

test('an actor with one action and nothing else is sent with its rhythm and no limit', () => {
  expect(hybridRequest(draftOf(), registry)).toEqual({
    node_id: 'root',
    actors: [
      {
        name: 'regulator',
        policy: 'every_open',
        budget: null,
        first_tick: 1,
        every: 1,
        actions: [
          {
            name: 'subsidise',
            money: 5,
            most_uses: 9,
            effects: [
              { event_scripts: [{ variable: 'price', operation: 'multiply', value: 0.5 }] },
            ],
            preconditions: [],
          },
        ],
      },
    ],
  });
});

test('a threshold in percent is sent as a share, one of a mean in its own unit', () => {
  const below = { ...subsidise, signal: 'adopted', comparison: '<', threshold: '30' } as const;
  const above = { ...below, key: 1, name: 'tax', signal: 'spending', comparison: '>' } as const;
  const [actor] = hybridRequest(
    draftOf({ actions: [below, above], budget: '50' }),
    registry,
  ).actors;
  expect(actor?.budget).toBe(50);
  expect(actor?.actions.map(({ preconditions }) => preconditions)).toEqual([
    [{ quantity: 'adopted', comparison: '<', value: 0.3 }],
    [{ quantity: 'spending', comparison: '>', value: 30 }],
  ]);
});

test('actors are sent in the order in which they act', () => {
  const lobby = actorDraft({ key: 1, name: 'lobby', first: '3' });
  const sent = hybridRequest({ ...draftOf(), actors: [lobby, actorDraft()] }, registry).actors;
  expect(sent.map(({ name, first_tick }) => [name, first_tick])).toEqual([
    ['lobby', 3],
    ['regulator', 1],
  ]);
});

test('what is missing or wrong is named by its field', () => {
  const bare = { ...subsidise, name: '', value: '', uses: '0', signal: 'adopted', threshold: '' };
  const draft = draftOf({ name: ' ', budget: '-1', first: '0', every: '1.5', actions: [bare] });
  expect(errorsOfActor(hybridErrors(draft, 12), 0)).toEqual({
    name: 'Give it a name.',
    budget: 'Zero or more, or nothing.',
    first: 'A whole number, 1 or more.',
    every: 'A whole number, 1 or more.',
    'actions.0.name': 'Give it a name.',
    'actions.0.value': 'A number is missing.',
    'actions.0.uses': 'A whole number, 1 or more.',
    'actions.0.threshold': 'A number is missing.',
  });
  expect(hybridErrors(draftOf({ first: '12' }), 12)).toEqual({});
  expect(hybridErrors(draftOf({ first: '13' }), 12)).toEqual({
    'actors.0.first': 'The run ends at 12.',
  });
});

test('each actor has its own errors, and no name is given twice', () => {
  const lobby = actorDraft({ key: 1, name: 'lobby', budget: '-1' });
  const again = actorDraft({ key: 2, name: 'regulator' });
  const draft = { ...draftOf(), actors: [actorDraft(), lobby, again] };
  const errors = hybridErrors(draft, 12);
  expect(errorsOfActor(errors, 0)).toEqual({});
  expect(errorsOfActor(errors, 1)).toEqual({ budget: 'Zero or more, or nothing.' });
  expect(errorsOfActor(errors, 2)).toEqual({ name: 'Named twice.' });
});

test('what the server refuses is shown at the field that was sent', () => {
  const tax = { ...subsidise, key: 1, name: 'tax' };
  const first = actorDraft({ actions: [subsidise, tax] });
  const draft = { ...draftOf(), actors: [first, actorDraft({ key: 1, name: 'lobby' })] };
  const refused = (field: string) => refusedFields([{ field, message: 'is wrong.' }], draft);
  const at = (field: string) => ({ at: { [field]: 'is wrong.' }, isWhole: true });
  expect(refused('actors[0].first_tick')).toEqual(at('actors.0.first'));
  expect(refused('actors.0.budget')).toEqual(at('actors.0.budget'));
  expect(refused('node_id')).toEqual(at('node'));
  expect(refused('actors[0].tax.preconditions[0].value')).toEqual(
    at('actors.0.actions.1.threshold'),
  );
  expect(refused('actors[0].subsidise.most_uses')).toEqual(at('actors.0.actions.0.uses'));
  expect(refused('actors[0].actions[1].effects[0].event_scripts[0].value')).toEqual(
    at('actors.0.actions.1.value'),
  );
  expect(refused('actors[1].subsidise.money')).toEqual(at('actors.1.actions.0.money'));
  // An action that only another actor has, and an actor that nobody sent.
  expect(refused('actors[1].tax.money').isWhole).toBe(false);
  expect(refused('actors[2].name').isWhole).toBe(false);
  // The sum over all actions has no field of its own: the problem is told as a whole.
  expect(refused('actors[0].actions')).toEqual({ at: {}, isWhole: false });
  expect(refusedFields([], draft)).toEqual({ at: {}, isWhole: false });
});

test('a run is compared over its whole time, and not at all where nothing could be told', () => {
  const difference = differenceOf('adopted', { metric: 'stock_share' });
  const compared = comparedOf(
    resultOf({ differences: [difference] }),
    { finding: 'It rose.', basis: surveyed },
    registry,
  );
  expect(compared).toMatchObject({
    sentence: 'It rose.',
    metric: 'stock_share',
    from_tick: 1,
    to_tick: 36,
    interval: difference.difference.interval,
    base_digest: 'without',
    branch_digest: 'with',
  });
  expect(
    comparedOf(
      resultOf({ levels: [levelOf('spending')] }),
      { finding: null, basis: surveyed },
      registry,
    ),
  ).toBeNull();
});

test('the ledger names its total, and what of it is not here', () => {
  expect(ledgerWords(resultOf(), 0)).toBe('No action was taken in any replicate');
  const whole = resultOf({ taken: 3, ledger: [entryOf(), entryOf(), entryOf()] });
  expect(ledgerWords(whole, 3)).toBe('All 3 actions taken');
  expect(ledgerWords(whole, 2)).toBe('The first 2 of 3 actions taken');
  const cut = resultOf({ taken: 4000, ledger: whole.ledger });
  expect(ledgerWords(cut, 2)).toBe(
    'The first 2 of 4,000 actions taken; the 3 of the first replicates are kept',
  );
});

test('what an actor saw and moved is told in the units people know', () => {
  expect(plain(sawWords(entryOf(), ['adopted', 'spending'], registry))).toBe(
    'adopted 12 %, spending $40',
  );
  expect(plain(moveWords(firstMove, registry))).toBe('Price: $500 → $250');

  expect(moveWords({ ...firstMove, occurred: false }, registry)).toBe('Price: did not occur');
  expect(moveWords({ ...firstMove, before: null, after: null }, registry)).toBe(
    'Price: reaches nobody',
  );
});

test('when an action opens is told as it was asked for', () => {
  const requirement = { quantity: 'adopted', comparison: '<', value: 0.3 } as const;
  expect(plain(opensWords([requirement], registry))).toBe('adopted < 30 %');
  expect(opensWords([], registry)).toBe('always');
});
