/** Test data of the universe, typed by the generated client. */
import type {
  Comparison,
  CompilationWire,
  Node,
  OutcomeStrip,
  ShareDifference,
} from '@/api/generated/types.gen';

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
    series: [],
    interval: { level: 0.9, replicates: 20, kind: 'central 90 % of 20 replicates' },
    assumptions: [],
    base_digest: 'base-digest',
    branch_digest: 'branch-digest',
    ...change,
  };
}
