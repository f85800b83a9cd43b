/** What the columns of a file mean, while a person is still deciding. Pure; the form only shows it. */
import type {
  ColumnMapping,
  ColumnSummary,
  FamilyMapping,
  GroupMapping,
  Loss,
  PopulationDetail,
} from '@/api/generated/types.gen';

/** Distinct values beyond which a numeric column needs bands to become groups. */
const MOST_PLAIN_GROUPS = 12;
const FEWEST_ALTERNATIVES = 2;
const MOST_ALTERNATIVES = 12;
const FAMILY_NAME = /^[a-z][a-z0-9_]{0,39}$/;
const GROUP_NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

/** Something to repair before the import can start; `part` says where in the form. */
export interface MappingProblem {
  part: 'choice' | 'alternatives' | 'families' | 'region' | 'segment' | 'readings';
  message: string;
}

/** The mapping to begin with: the one used before, the server's suggestion, or an empty one. */
export function startingMapping(detail: PopulationDetail): ColumnMapping {
  return (
    detail.mapping ??
    detail.suggested_mapping ?? {
      choice_column: null,
      alternatives: [],
      families: [],
      region: null,
      segment: null,
      traits: [],
      categories: [],
      reference_alternative: null,
      readings: {},
    }
  );
}

/** People of whom no choice is known: nothing that belongs to a choice stays. */
export function withoutChoice(mapping: ColumnMapping): ColumnMapping {
  return {
    ...mapping,
    choice_column: null,
    alternatives: [],
    families: [],
    availability: null,
    person_column: null,
    reference_alternative: null,
  };
}

/** Another choice column has other alternatives; what the families said of the old ones is void. */
export function withChoiceColumn(mapping: ColumnMapping, column: ColumnSummary): ColumnMapping {
  const values = column.examples.slice(0, MOST_ALTERNATIVES);
  return {
    ...mapping,
    choice_column: column.name,
    alternatives: values.map((value) => ({ value, label: value, synonyms: [] })),
    families: (mapping.families ?? []).map((family) => ({ ...family, columns: {} })),
    availability: null,
    reference_alternative: null,
  };
}

export function withoutAlternative(mapping: ColumnMapping, value: string): ColumnMapping {
  return {
    ...mapping,
    alternatives: (mapping.alternatives ?? []).filter((item) => item.value !== value),
    families: (mapping.families ?? []).map((family) => ({
      ...family,
      columns: Object.fromEntries(Object.entries(family.columns).filter(([key]) => key !== value)),
    })),
    reference_alternative:
      mapping.reference_alternative === value ? null : (mapping.reference_alternative ?? null),
  };
}

/** "Installation cost" → "installation_cost": the name variables are called by. */
export function nameFromLabel(label: string): string {
  return label
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
}

/** A column for every alternative, where exactly one column ends in the alternative's value. */
export function columnsBySuffix(
  prefix: string,
  alternatives: readonly string[],
  columns: readonly ColumnSummary[],
): Record<string, string> {
  const names = new Set(columns.map((column) => column.name));
  const found: Record<string, string> = {};
  for (const value of alternatives) {
    const match = ['.', '_', '-', '']
      .map((mark) => `${prefix}${mark}${value}`)
      .find((n) => names.has(n));
    if (match) found[value] = match;
  }
  return found;
}

export function isNumeric(column: ColumnSummary): boolean {
  return column.type !== 'text';
}

/** A numeric column with many values makes groups only by bands. */
export function needsBands(column: ColumnSummary | undefined): boolean {
  return column !== undefined && isNumeric(column) && column.distinct > MOST_PLAIN_GROUPS;
}

/** Columns already used for something other than traits. */
export function usedColumns(mapping: ColumnMapping): Set<string> {
  const used = (mapping.families ?? []).flatMap((family) => Object.values(family.columns));
  return new Set([
    mapping.choice_column ?? '',
    mapping.region?.column ?? '',
    mapping.weight_column ?? '',
    ...used,
  ]);
}

export function mappingProblems(
  mapping: ColumnMapping,
  columns: readonly ColumnSummary[],
): MappingProblem[] {
  return [
    ...(mapping.choice_column == null
      ? peopleProblems(mapping)
      : [...alternativeProblems(mapping), ...familyProblems(mapping)]),
    ...groupProblems('region', mapping.region, columns),
    ...groupProblems('segment', mapping.segment, columns),
    ...readingProblems(mapping, columns),
  ];
}

/** What the file leaves open about the numbers of the columns in use, and what was answered. */
export function openReadings(
  mapping: ColumnMapping,
  columns: readonly ColumnSummary[],
): ColumnSummary[] {
  const used = usedColumns(mapping);
  for (const trait of mapping.traits ?? []) used.add(trait);
  return columns.filter(
    (column) => used.has(column.name) && (column.ambiguous || column.far_values?.length),
  );
}

function readingProblems(
  mapping: ColumnMapping,
  columns: readonly ColumnSummary[],
): MappingProblem[] {
  return openReadings(mapping, columns)
    .filter((column) => column.ambiguous && !mapping.readings?.[column.name]?.decimal)
    .map((column) => ({
      part: 'readings',
      message: `“${column.name}”: say what ${column.ambiguous} means.`,
    }));
}

/** The mapping with the decimal mark of one column said by a person. */
export function withDecimal(
  mapping: ColumnMapping,
  column: string,
  decimal: '.' | ',',
): ColumnMapping {
  const reading = { ...mapping.readings?.[column], decimal };
  return { ...mapping, readings: { ...mapping.readings, [column]: reading } };
}

/** The mapping with one number of a column read as no answer, or as the number it is. */
export function withMissing(
  mapping: ColumnMapping,
  column: string,
  value: number,
  isMissing: boolean,
): ColumnMapping {
  const reading = mapping.readings?.[column];
  const others = (reading?.missing ?? []).filter((item) => item !== value);
  const missing = isMissing ? [...others, value] : others;
  return { ...mapping, readings: { ...mapping.readings, [column]: { ...reading, missing } } };
}

/** Without a choice there must be something else to know of the people. */
function peopleProblems({ region, segment, traits, categories }: ColumnMapping): MappingProblem[] {
  if (region || segment || traits?.length || categories?.length) return [];
  const message = 'Choose the column that says what each person chose, or columns to keep.';
  return [{ part: 'choice', message }];
}

function alternativeProblems({ alternatives = [] }: ColumnMapping): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const say = (message: string) => problems.push({ part: 'alternatives', message });
  if (alternatives.length < FEWEST_ALTERNATIVES) say('At least two alternatives are needed.');
  if (alternatives.length > MOST_ALTERNATIVES) say('At most twelve alternatives are possible.');
  if (alternatives.some((item) => item.label.trim() === '')) say('Give every alternative a name.');
  const labels = alternatives.map((item) => item.label.trim().toLowerCase());
  const twice = labels.find((label, index) => label !== '' && labels.indexOf(label) !== index);
  if (twice) say(`Two alternatives are called “${twice}”; give each its own name.`);
  return problems;
}

function familyProblems({ families = [], alternatives = [] }: ColumnMapping): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const say = (message: string) => problems.push({ part: 'families', message });
  for (const family of families) {
    const title = family.label.trim() || 'An attribute';
    if (!FAMILY_NAME.test(family.name)) say(`${title}: give it a name that starts with a letter.`);
    const missing = alternatives.filter((item) => !family.columns[item.value]);
    if (missing.length > 0) {
      say(
        `${title}: choose a column for ${missing.map((item) => item.label || item.value).join(', ')}.`,
      );
    }
  }
  const names = families.map((family) => family.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) say(`Two attributes are called “${twice}”; give each its own name.`);
  const used = families.flatMap((family) => Object.values(family.columns)).filter(Boolean);
  const shared = used.find((column, index) => used.indexOf(column) !== index);
  if (shared) say(`Column “${shared}” is used twice; each alternative needs its own.`);
  return problems;
}

function groupProblems(
  part: 'region' | 'segment',
  group: GroupMapping | null | undefined,
  columns: readonly ColumnSummary[],
): MappingProblem[] {
  if (!group) return [];
  const problems: MappingProblem[] = [];
  const labels = group.labels ?? [];
  const column = columns.find((item) => item.name === group.column);
  if (needsBands(column) && labels.length === 0) {
    problems.push({ part, message: `“${group.column}” has many values: divide it into bands.` });
  }
  if (labels.some((item) => !GROUP_NAME.test(item.name))) {
    problems.push({ part, message: 'Every group needs a name.' });
  }
  const backwards = labels.find(
    (item) => item.minimum != null && item.maximum != null && item.minimum >= item.maximum,
  );
  if (backwards) {
    problems.push({ part, message: `${backwards.label}: “from” must be below “to”.` });
  }
  return problems;
}

/** How a column of words is kept with each person. */
export type Keeping = 'left out' | 'kept' | 'kept, in an order';

export function keepingOf(mapping: ColumnMapping, column: string): Keeping {
  const kept = mapping.categories?.find((item) => item.column === column);
  if (!kept) return 'left out';
  return kept.ordered ? 'kept, in an order' : 'kept';
}

/** The mapping with one column of words kept, in this order where it has one. */
export function withKept(
  mapping: ColumnMapping,
  column: string,
  keeping: Keeping,
  values: string[] = [],
): ColumnMapping {
  const others = (mapping.categories ?? []).filter((item) => item.column !== column);
  if (keeping === 'left out') return { ...mapping, categories: others };
  const kept = { column, ordered: keeping === 'kept, in an order', values };
  return { ...mapping, categories: [...others, kept] };
}

/** What the last import would have left out, where that is for a person to decide. */
export interface LossToAccept {
  rows: number;
  ofRows: number;
  share: number;
  reasons: Loss[];
}

export function lossToAccept({ problem }: PopulationDetail): LossToAccept | null {
  if (problem?.code !== 'loss_not_accepted') return null;
  return {
    rows: Number(problem.rows_refused),
    ofRows: Number(problem.rows_read),
    share: Number(problem.share),
    reasons: Array.isArray(problem.losses) ? problem.losses : [],
  };
}

/** An attribute to be filled in; its columns are guessed once its column prefix is known. */
export function emptyFamily(): FamilyMapping {
  return { name: '', label: '', unit: '1', synonyms: [], columns: {} };
}

/** What is sent: traits that meanwhile serve another purpose are left out. */
export function finished(mapping: ColumnMapping): ColumnMapping {
  const used = usedColumns(mapping);
  return {
    ...mapping,
    alternatives: (mapping.alternatives ?? []).map((item) => ({
      ...item,
      label: item.label.trim(),
    })),
    families: (mapping.families ?? []).map((family) => ({ ...family, label: family.label.trim() })),
    traits: (mapping.traits ?? []).filter((trait) => !used.has(trait)),
  };
}
