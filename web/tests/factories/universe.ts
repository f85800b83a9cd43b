/** Test data of the universe, typed by the generated client. */
import type {
  Basis,
  EventScriptWire,
  Node,
  OutcomeStrip,
  Variable,
} from '@/api/generated/types.gen';
import type { Terms } from '@/features/runs';

/** What is told of systems by month, and of people by week. */
export const heating: Terms = {
  unit: 'month',
  metrics: ['flow_share', 'stock_share'],
  words: { flow_share: 'new installations', stock_share: 'systems' },
  chosen: true,
};
export const opinions: Terms = {
  unit: 'week',
  metrics: ['stock_share'],
  words: { flow_share: 'people', stock_share: 'people' },
  chosen: false,
};

export const surveyed: Basis = {
  kind: 'data',
  from_file: ['what people choose'],
  assumed: [],
  note: 'From the file: what people choose.',
};
export const illustrative: Basis = {
  kind: 'assumptions',
  from_file: [],
  assumed: ['the start'],
  note: 'Illustrative: nothing of this comes from the imported file. Assumed: the start.',
};

export function strip(low: number, median: number, high: number): OutcomeStrip {
  return {
    metric: 'flow_share',
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
    outcome_label: 'heat pump',
    headline: 'without_social_rules',
    basis: surveyed,
    difference: null,
    digest: 'digest',
    created_at: '2026-01-01T00:00:00Z',
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
