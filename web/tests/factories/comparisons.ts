/** Test data of comparisons, typed by the generated client. */

import type {
  Comparison,
  LevelDifference,
  LevelStrip,
  ShareDifference,
} from '@/api/generated/types.gen';
import { strip, surveyed } from './universe';

export function differenceOf(
  alternative: string,
  change: Partial<ShareDifference> = {},
): ShareDifference {
  return {
    alternative,
    metric: 'flow_share',
    segment: null,
    region: null,
    base: strip(0.03, 0.035, 0.04),
    branch: strip(0.05, 0.06, 0.07),
    difference: strip(0.02, 0.025, 0.03),
    branch_higher_of_20: 20,
    clear: true,
    ...change,
  };
}

export function levelStrip(low: number, median: number, high: number): LevelStrip {
  const { dots, interval } = strip(low, median, high);
  return { low, median, high, dots, interval, tick: 52 };
}

export function levelOf(name: string, change: Partial<LevelDifference> = {}): LevelDifference {
  return {
    name,
    label: name,
    unit: '1',
    segment: null,
    region: null,
    base: levelStrip(0.48, 0.49, 0.5),
    branch: levelStrip(0.52, 0.53, 0.55),
    difference: levelStrip(0.03, 0.04, 0.06),
    clear: true,
    branch_higher_of_20: 20,
    ...change,
  };
}

export function comparisonOf(change: Partial<Comparison> = {}): Comparison {
  return {
    project_id: 'project',
    base_node_id: 'root',
    branch_node_id: 'branch',
    metric: 'flow_share',
    from_tick: 1,
    to_tick: 36,
    ticks: [],
    basis: surveyed,
    base_label: 'Baseline',
    branch_label: 'branch',
    sentence: '',
    about: 'hp',
    headline: 'without_social_rules',
    notices: [],
    calibration: null,
    alternatives: [],
    differences: [],
    segments: [],
    with_social_rules: [],
    without_social_rules: [],
    drivers: [],
    assumption_effects: [],
    closed_form: [],
    levels: [],
    series: [],
    level_series: [],
    interval: { level: 0.9, replicates: 20, kind: 'central 90 % of 20 replicates' },
    interval_parts: [],
    assumptions: [],
    base_digest: 'base-digest',
    branch_digest: 'branch-digest',
    ...change,
  };
}
