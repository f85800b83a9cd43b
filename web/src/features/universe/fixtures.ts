/** Test data of the universe, typed by the generated client. */
import type {
  Comparison,
  CompilationWire,
  EventScriptWire,
  LevelDifference,
  LevelStrip,
  Node,
  OutcomeStrip,
  ShareDifference,
  Variable,
} from '@/api/generated/types.gen';
import type { Terms } from '@/features/runs';

/** What is told of systems by month, and of people by week. */
export const heating: Terms = {
  unit: 'month',
  metrics: ['new_installations', 'stock'],
  systems: true,
};
export const opinions: Terms = { unit: 'week', metrics: ['stock'], systems: false };

export function strip(low: number, median: number, high: number): OutcomeStrip {
  return {
    metric: 'new_installations',
    alternative: 'hp',
    low,
    median,
    high,
    dots: Array.from({ length: 20 }, (_, index) => low + ((high - low) * index) / 19),
    interval: { level: 0.9, replicates: 20, kind: 'central 90 % of 20 replicates' },
    from_tick: 1,
    to_tick: 36,
  };
}

export function nodeOf(id: string, change: Partial<Node> = {}): Node {
  return {
    id,
    project_id: 'project',
    parent_id: null,
    kind: change.parent_id ? 'branch' : 'root',
    label: id,
    question: null,
    explanation: '',
    status: 'explored',
    depth: 0,
    event_scripts: [],
    outcome: strip(0.05, 0.06, 0.07),
    difference: null,
    digest: 'digest',
    created_at: '2026-01-01T00:00:00Z',
    ...change,
  };
}

export function compilationOf(change: Partial<CompilationWire> = {}): CompilationWire {
  return {
    compiler: 'rule_based',
    compiler_version: '1.0.0',
    event_scripts: [],
    understood: [],
    unmapped: [],
    contradictions: [],
    assumptions: [],
    ...change,
  };
}

export function differenceOf(
  alternative: string,
  change: Partial<ShareDifference> = {},
): ShareDifference {
  return {
    alternative,
    metric: 'new_installations',
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
    metric: 'new_installations',
    from_tick: 1,
    to_tick: 36,
    ticks: [],
    sentence: '',
    alternatives: [],
    differences: [],
    segments: [],
    without_social_rules: [],
    drivers: [],
    closed_form: [],
    levels: [],
    series: [],
    level_series: [],
    interval: { level: 0.9, replicates: 20, kind: 'central 90 % of 20 replicates' },
    assumptions: [],
    base_digest: 'base-digest',
    branch_digest: 'branch-digest',
    ...change,
  };
}

export function variableOf(name: string, change: Partial<Variable> = {}): Variable {
  return {
    name,
    label: name,
    unit: '1',
    minimum: 0,
    maximum: 1,
    default: 1,
    value: 1,
    mean: null,
    kind: 'parameter',
    family: name,
    alternative: null,
    moves: [],
    source: 'a study',
    assumption: false,
    synonyms: [],
    ...change,
  };
}

export function scriptOf(change: Partial<EventScriptWire>): EventScriptWire {
  return { variable: 'price', operation: 'multiply', value: 0.7, scope: {}, ...change };
}
