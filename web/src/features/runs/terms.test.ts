import { expect, test } from 'vitest';
import { socialRulesOf, termsOf, wholeOf } from './terms';

test('shares are of what the people of the file call it', () => {
  const wornOut = termsOf({
    domain_template: 'consumer_choice',
    tick_unit: 'month',
    metrics: ['stock_share'],
    words: { flow_share: 'new installations', stock_share: 'systems' },
  });
  const opinion = termsOf({
    domain_template: 'opinion',
    tick_unit: 'week',
    metrics: ['stock_share'],
    words: { flow_share: 'people', stock_share: 'people' },
  });
  expect(wholeOf('stock_share', wornOut)).toBe('systems');
  expect(wholeOf('stock_share', opinion)).toBe('people');
});

test('social rules are called as the options of the run make them', () => {
  const variants = [
    { options: { advertising: 'off', losses: 'linear' }, social_rules: 'loss aversion' },
    { options: { advertising: 'off', losses: 'diminishing' }, social_rules: 'gains and losses' },
  ];
  const templates = [{ name: 'consumer_choice' as const, variants }];
  const called = (template_options: Record<string, string>) =>
    socialRulesOf({ domain_template: 'consumer_choice', template_options }, templates);
  expect(called({})).toBe('loss aversion');
  expect(called({ losses: 'diminishing' })).toBe('gains and losses');
  expect(called({ losses: 'unheard of' })).toBeUndefined();
});
