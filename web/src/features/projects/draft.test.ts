import { expect, test } from 'vitest';
import { behaviour, reachable, readDraft, stepErrors, toRequest } from './draft';

const conformity = {
  name: 'conformity',
  label: 'pull of what the neighbours have',
  unit: '1',
  minimum: 0,
  maximum: 3,
  default: 1.67,
  source: 'assumption: a study',
  assumption: true,
};

test('an address is read back as the draft it was written from', () => {
  const draft = readDraft({ step: 'outcome', name: '2024', population: 'p', horizon: 24 });
  expect(draft).toEqual({ step: 'outcome', name: '2024', population: 'p', horizon: 24 });
  expect(readDraft({ name: 2024 }).name).toBe('2024');
});

test('what an address cannot mean is dropped', () => {
  expect(readDraft({ step: 'launch', horizon: 'soon', conformity: {} })).toEqual({ step: 'goal' });
});

test('an address cannot skip a step that is not finished', () => {
  expect(reachable({ step: 'review' })).toBe('goal');
  expect(reachable({ step: 'review', name: 'x' })).toBe('people');
  expect(reachable({ step: 'review', name: 'x', population: 'p', replicates: 2 })).toBe('outcome');
  expect(reachable({ step: 'goal', name: 'x', population: 'p' })).toBe('review');
});

test('each wrong number is named with its range', () => {
  const errors = stepErrors(
    { step: 'outcome', horizon: 12.5, replicates: 7, conformity: 9 },
    'outcome',
    behaviour({ name: 'consumer_choice', parameters: [conformity] }),
  );
  expect(errors).toEqual({
    horizon: 'A whole number from 1 to 600.',
    replicates: 'A whole number from 8 to 200.',
    conformity: 'From 0 to 3.',
  });
});

test('a parameter this wizard does not know is left to the server', () => {
  const parameters = [conformity, { ...conformity, name: 'patience' }];
  expect(behaviour({ name: 'consumer_choice', parameters })).toEqual([conformity]);
});

test('defaults of behaviour are left to the registry of the server', () => {
  const request = toRequest({ step: 'review', name: ' Heat ', population: 'p', conformity: 0 });
  expect(request).toMatchObject({
    name: 'Heat',
    goal: '',
    population_id: 'p',
    horizon: 36,
    replicates: 20,
    seed: 20,
    parameters: { conformity: 0 },
  });
});
