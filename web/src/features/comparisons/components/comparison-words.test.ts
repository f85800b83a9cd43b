import { comparisonOf, differenceOf, levelOf } from '@tests/factories/comparisons';
import { heating, strip } from '@tests/factories/universe';
import { expect, test } from 'vitest';
import type { Driver } from '@/api/generated/types.gen';
import { comparisonSource } from './comparison-source';
import { groupFinding } from './group-panel';
import { meansSentence } from './levels-panel';
import { driversSentence } from './node-drivers';
import { socialRulesSentence } from './social-rules-panel';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function driver(label: string, effect: number, clear = true): Driver {
  return {
    name: label,
    label,
    kind: 'change',
    effect,
    low: effect - 0.01,
    high: effect + 0.01,
    clear,
    method: 'closed form',
  };
}

test('the strongest clear driver is the finding, whatever its sign', () => {
  const drivers = [driver('subsidy', 0.02), driver('gas tax', -0.03), driver('noise', 0.5, false)];
  expect(driversSentence(drivers, 'heat pump')).toBe('Gas tax moves “heat pump” most');
  expect(driversSentence([driver('noise', 0.5, false)], 'heat pump')).toBe(
    'Nothing clearly moves “heat pump”',
  );
});

test('the pair states the difference with and without the social rules', () => {
  const pair = {
    on: differenceOf('hp'),
    off: differenceOf('hp', { difference: strip(0.04, 0.05, 0.06) }),
  };
  expect(plain(socialRulesSentence([pair], 'hp', () => 'heat pump'))).toBe(
    'Heat pump: +2.0 to +3.0 pp with the social rules, +4 to +6 pp without them',
  );
});

test('a group is said to change only when one of them clearly does', () => {
  const name = (row: { region?: string | null }) => row.region ?? '';
  const unclear = differenceOf('hp', { region: 'north', clear: false });
  const clear = differenceOf('hp', { region: 'south' });
  expect(groupFinding([unclear, clear], name)).toBe('south changes most');
  expect(groupFinding([unclear], name)).toBe('no segment or region clearly changes');
  expect(groupFinding([], name)).toBe('no segment or region was compared');
});

test('the means that moved are named, however many', () => {
  const still = levelOf('income', { clear: false });
  expect(meansSentence([still])).toBe('No mean clearly differs');
  expect(meansSentence([levelOf('spending'), still])).toBe('Mean spending clearly differs');
  expect(meansSentence([levelOf('spending'), levelOf('saving')])).toBe(
    'Mean spending and saving clearly differ',
  );
});

test('what is taken away names change, base, interval, basis and digests', () => {
  const comparison = comparisonOf({
    base_label: 'Cheaper gas',
    branch_label: 'heat pumps −30 %',
    base_digest: 'a1',
    branch_digest: 'b2',
    interval: { level: 0.9, replicates: 20, kind: 'central 90 %', covers: 'chance alone' },
  });
  const said = Object.fromEntries(comparisonSource(comparison, heating));
  expect(Object.keys(said)).toEqual(['change', 'base', 'measure', 'interval', 'basis', 'digests']);
  expect(said).toMatchObject({ change: 'heat pumps −30 %', base: 'Cheaper gas' });
  expect(said.interval).toMatch(/; it holds chance alone$/);
  expect(said.basis).toMatch(/^data\. /);
  expect(said.digests).toBe('AgentVerse, base a1, branch b2');
});
