/** A change as a person edits it: what, how much, for whom and when; numbers are texts meanwhile. */
import type {
  CompilationWire,
  EventScriptInput,
  EventScriptWire,
  SuggestionWire,
} from '@/api/generated/types.gen';

export type Operation = EventScriptWire['operation'];

export interface ChangeDraft {
  variable: string;
  operation: Operation;
  value: string;
  region: string;
  segment: string;
  from: string;
  until: string;
  /** What the fields do not show and a person does not change here. */
  rest: EventScriptInput | null;
}

export const operations: Record<Operation, string> = {
  multiply: 'multiplied by',
  add: 'moved by',
  set: 'set to',
  min: 'at most',
  max: 'at least',
};

/** Groups that a field cannot show one by one stay as they were said. */
export const several = '(several)';

const one = (names: readonly string[] = []) => (names.length > 1 ? several : (names[0] ?? ''));

export function draftOf({ sentence: _, ...script }: EventScriptWire): ChangeDraft {
  const scope = script.scope ?? {};
  return {
    variable: script.variable,
    operation: script.operation,
    value: `${Number(script.value.toPrecision(12))}`,
    region: one(scope.regions),
    segment: one(scope.segments),
    from: `${scope.start_tick ?? 0}`,
    until: scope.end_tick == null ? '' : `${scope.end_tick}`,
    rest: script,
  };
}

/** The best guess of each slot where no whole change can be guessed. */
export function firstDrafts(compilation: CompilationWire): ChangeDraft[] {
  const nearest = compilation.unmapped.flatMap((part) => part.nearest)[0] ?? '';
  return [
    ...compilation.event_scripts.map(draftOf),
    {
      variable: nearest,
      operation: 'multiply',
      value: '',
      region: '',
      segment: '',
      from: '0',
      until: '',
      rest: null,
    },
  ];
}

const groups = (name: string, before: readonly string[] = []) => {
  if (name === several) return [...before];
  return name === '' ? [] : [name];
};

/** What is sent; null while a number is missing. */
export function scriptOf(draft: ChangeDraft): EventScriptInput | null {
  const numbers = [draft.value, draft.from].map((text) =>
    text.trim() === '' ? NaN : Number(text),
  );
  const [value = NaN, from = NaN] = numbers;
  const until = draft.until.trim() === '' ? null : Number(draft.until);
  const isWhole = Number.isInteger(from) && (until === null || Number.isInteger(until));
  if (draft.variable === '' || Number.isNaN(value) || !isWhole) return null;
  const scope = draft.rest?.scope ?? {};
  return {
    ...draft.rest,
    variable: draft.variable,
    operation: draft.operation,
    value,
    scope: {
      ...scope,
      regions: groups(draft.region, scope.regions),
      segments: groups(draft.segment, scope.segments),
      start_tick: from,
      end_tick: until,
    },
    label: '',
  };
}

/** Other variables that may be meant in the place of one, best first. */
export function otherVariables(
  place: number,
  draft: ChangeDraft,
  compilation: Pick<CompilationWire, 'unmapped' | 'suggestions'>,
): string[] {
  const offered = (compilation.suggestions ?? []).flatMap(
    ({ event_scripts: scripts }) => scripts[place]?.variable ?? [],
  );
  const nearest = compilation.unmapped.flatMap((part) => part.nearest);
  const names = new Set([...offered, ...nearest]);
  names.delete(draft.variable);
  return [...names].slice(0, 4);
}

/** Other amounts that the suggestions give the same variable. */
export function otherAmounts(
  place: number,
  draft: ChangeDraft,
  suggestions: readonly SuggestionWire[],
): EventScriptWire[] {
  const found = new Map<string, EventScriptWire>();
  for (const { event_scripts: scripts } of suggestions) {
    const script = scripts[place];
    if (!script || script.variable !== draft.variable) continue;
    if (script.operation === draft.operation && script.value === Number(draft.value)) continue;
    found.set(`${script.operation} ${script.value}`, script);
  }
  return [...found.values()];
}
