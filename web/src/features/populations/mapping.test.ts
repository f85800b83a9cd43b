import { describe, expect, test } from 'vitest';
import type { ColumnMapping, ColumnSummary, PopulationDetail } from '@/api/generated/types.gen';
import {
  columnsBySuffix,
  finished,
  mappingProblems,
  nameFromLabel,
  needsBands,
  openReadings,
  startingMapping,
  withChoiceColumn,
  withDecimal,
  withKept,
  withMissing,
  withoutAlternative,
  withoutChoice,
} from './mapping';

function column(name: string, change: Partial<ColumnSummary> = {}): ColumnSummary {
  return {
    name,
    type: 'number',
    missing: 0,
    distinct: 900,
    minimum: 0,
    maximum: 10,
    examples: ['1', '2'],
    ...change,
  };
}

const COLUMNS = [
  column('depvar', { type: 'text', distinct: 2, examples: ['gas', 'pump'] }),
  column('ic.gas'),
  column('ic.pump'),
  column('income', { distinct: 40 }),
  column('region', { type: 'text', distinct: 4, examples: ['valley', 'coast'] }),
];

function mapping(change: Partial<ColumnMapping> = {}): ColumnMapping {
  return {
    choice_column: 'depvar',
    alternatives: [
      { value: 'gas', label: 'Gas', synonyms: [] },
      { value: 'pump', label: 'Heat pump', synonyms: [] },
    ],
    families: [
      {
        name: 'installation_cost',
        label: 'Installation cost',
        unit: 'USD',
        synonyms: [],
        columns: { gas: 'ic.gas', pump: 'ic.pump' },
      },
    ],
    region: null,
    segment: null,
    traits: [],
    reference_alternative: 'pump',
    ...change,
  };
}

const messages = (value: ColumnMapping) =>
  mappingProblems(value, COLUMNS).map((problem) => problem.message);

test('a complete mapping has no problem', () => {
  expect(messages(mapping())).toEqual([]);
});

test('the mapping used before comes first, then the suggestion, then an empty one', () => {
  const detail = { mapping: null, suggested_mapping: mapping() } as PopulationDetail;
  expect(startingMapping(detail)).toBe(detail.suggested_mapping);
  const used = mapping({ traits: ['income'] });
  expect(startingMapping({ ...detail, mapping: used })).toBe(used);
  expect(startingMapping({ ...detail, suggested_mapping: null }).alternatives).toEqual([]);
});

test('another choice column brings its own alternatives and empties what named the old ones', () => {
  const next = withChoiceColumn(mapping(), COLUMNS[4] as ColumnSummary);
  expect(next.alternatives?.map((item) => item.value)).toEqual(['valley', 'coast']);
  expect(next.families?.[0]?.columns).toEqual({});
  expect(next.reference_alternative).toBeNull();
});

test('a column of words is kept with its order, or left out again', () => {
  const kept = withKept(mapping(), 'region', 'kept, in an order', ['coast', 'valley']);
  expect(kept.categories).toEqual([
    { column: 'region', ordered: true, values: ['coast', 'valley'] },
  ]);
  expect(withKept(kept, 'region', 'left out').categories).toEqual([]);
});

test('an alternative that is left out disappears everywhere', () => {
  const next = withoutAlternative(mapping(), 'pump');
  expect(next.alternatives).toHaveLength(1);
  expect(next.families?.[0]?.columns).toEqual({ gas: 'ic.gas' });
  expect(next.reference_alternative).toBeNull();
});

describe('what stops an import is named', () => {
  test('a missing column of an attribute', () => {
    const families = [{ name: 'cost', label: 'Cost', columns: { gas: 'ic.gas' } }];
    expect(messages(mapping({ families }))).toEqual(['Cost: choose a column for Heat pump.']);
  });

  test('one column for two alternatives', () => {
    const columns = { gas: 'ic.gas', pump: 'ic.gas' };
    const families = [{ name: 'cost', label: 'Cost', columns }];
    expect(messages(mapping({ families }))).toEqual([
      'Column “ic.gas” is used twice; each alternative needs its own.',
    ]);
  });

  test('two alternatives of one name', () => {
    const alternatives = [
      { value: 'gas', label: 'Same' },
      { value: 'pump', label: 'same ' },
    ];
    expect(messages(mapping({ alternatives }))[0]).toContain('Two alternatives are called');
  });

  test('a numeric column with many values but no bands', () => {
    expect(messages(mapping({ segment: { column: 'income', labels: [] } }))).toEqual([
      '“income” has many values: divide it into bands.',
    ]);
  });

  test('a band that ends before it begins', () => {
    const labels = [{ name: 'low', label: 'Low', minimum: 4, maximum: 4 }];
    expect(messages(mapping({ segment: { column: 'income', labels } }))).toEqual([
      'Low: “from” must be below “to”.',
    ]);
  });

  test('nothing of the people', () => {
    const nothing = withoutChoice(mapping());
    expect(nothing.families).toEqual([]);
    expect(messages(nothing)[0]).toContain('or columns to keep');
    expect(messages({ ...nothing, traits: ['income'] })).toEqual([]);
  });
});

test('only numeric columns of many values need bands', () => {
  expect(needsBands(COLUMNS[3])).toBe(true);
  expect(needsBands(COLUMNS[4])).toBe(false);
  expect(needsBands(column('rooms', { distinct: 6 }))).toBe(false);
  expect(needsBands(undefined)).toBe(false);
});

test('one chosen column tells the pattern of the others', () => {
  expect(columnsBySuffix('ic', ['gas', 'pump', 'wood'], COLUMNS)).toEqual({
    gas: 'ic.gas',
    pump: 'ic.pump',
  });
});

test('names of variables come from labels', () => {
  expect(nameFromLabel('Installation cost')).toBe('installation_cost');
  expect(nameFromLabel(' 2nd price (€) ')).toBe('nd_price');
  expect(nameFromLabel('Größe')).toBe('gro_e');
  expect(nameFromLabel('!!!')).toBe('');
});

test('an attribute is not sent as a trait as well; a segment may be both', () => {
  const sent = finished(
    mapping({ traits: ['income', 'ic.gas'], segment: { column: 'income', labels: [] } }),
  );
  expect(sent.traits).toEqual(['income']);
});

describe('numbers that do not speak for themselves', () => {
  const doubtful = [
    ...COLUMNS.filter((item) => item.name !== 'ic.gas'),
    column('ic.gas', { ambiguous: '1.215', ambiguous_row: 2 }),
    column('age', { far_values: [{ value: -99, rows: 80, is_code: true }] }),
  ];

  test('two notations are asked about until a person says which', () => {
    const problem = mappingProblems(mapping(), doubtful);
    expect(problem.map((item) => [item.part, item.message])).toEqual([
      ['readings', '“ic.gas”: say what 1.215 means.'],
    ]);
    expect(mappingProblems(withDecimal(mapping(), 'ic.gas', ','), doubtful)).toEqual([]);
  });

  test('only columns in use are asked about', () => {
    expect(openReadings(mapping(), doubtful).map((item) => item.name)).toEqual(['ic.gas']);
    const kept = mapping({ traits: ['age'] });
    expect(openReadings(kept, doubtful).map((item) => item.name)).toEqual(['ic.gas', 'age']);
  });

  test('a far number is no answer or real, beside what else was said of the column', () => {
    const missing = withMissing(withDecimal(mapping(), 'age', ','), 'age', -99, true);
    expect(missing.readings?.age).toEqual({ decimal: ',', missing: [-99] });
    expect(withMissing(missing, 'age', -99, false).readings?.age?.missing).toEqual([]);
  });
});
