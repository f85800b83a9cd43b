import { Plus, X } from 'lucide-react';
import type { ColumnMapping, ColumnSummary, FamilyMapping } from '@/api/generated/types.gen';
import { counted, list } from '@/lib/format';
import { Button, IconButton } from '@/ui/button';
import { Field, Input, Select } from '@/ui/field';
import { columnsBySuffix, emptyFamily, isNumeric, nameFromLabel } from '../mapping';
import { WordsInput } from './alternatives-editor';

interface EditorProps {
  mapping: ColumnMapping;
  columns: readonly ColumnSummary[];
  onChange: (mapping: ColumnMapping) => void;
}

/** Attributes that every alternative has, a column for each: prices, running costs, times. */
export function FamiliesEditor({ mapping, columns, onChange }: EditorProps) {
  const { families = [] } = mapping;
  const replace = (at: number, family: FamilyMapping | null) =>
    onChange({
      ...mapping,
      families: families.flatMap((item, index) =>
        index === at ? (family ? [family] : []) : [item],
      ),
    });
  return (
    <div className="grid gap-3">
      {families.map((family, index) => (
        <FamilyFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a family is its place in the list; its name changes while typing
          key={index}
          family={family}
          mapping={mapping}
          columns={columns}
          onChange={(next) => replace(index, next)}
        />
      ))}
      <Button
        size="small"
        className="justify-self-start"
        onClick={() => onChange({ ...mapping, families: [...families, emptyFamily()] })}
      >
        <Plus aria-hidden size={14} /> Add an attribute
      </Button>
    </div>
  );
}

interface FamilyFieldsProps {
  family: FamilyMapping;
  mapping: ColumnMapping;
  columns: readonly ColumnSummary[];
  onChange: (family: FamilyMapping | null) => void;
}

function FamilyFields({ family, mapping, columns, onChange }: FamilyFieldsProps) {
  const { alternatives = [] } = mapping;
  const values = alternatives.map((item) => item.value);
  const choose = (value: string, column: string) => {
    const prefix = column.endsWith(value)
      ? column.slice(0, -value.length).replace(/[._-]$/, '')
      : '';
    // One choice tells the naming pattern; the empty ones follow it.
    const guessed = prefix ? columnsBySuffix(prefix, values, columns) : {};
    onChange({ ...family, columns: { ...guessed, ...family.columns, [value]: column } });
  };
  const chosen = new Set(Object.values(family.columns));
  const withText = columns.filter((column) => chosen.has(column.name) && !isNumeric(column));
  return (
    <fieldset className="grid min-w-0 gap-3 rounded-md border border-line p-3">
      <legend className="sr-only">{family.label || 'New attribute'}</legend>
      <div className="grid grid-cols-[1fr_2rem] items-start gap-3 sm:grid-cols-[2fr_1fr_2fr_2rem]">
        <Field label="Attribute">
          <Input
            value={family.label}
            placeholder="Price"
            maxLength={80}
            onChange={(event) =>
              onChange({
                ...family,
                label: event.target.value,
                name: nameFromLabel(event.target.value),
              })
            }
          />
        </Field>
        <Field label="Unit" className="order-3 max-sm:col-span-2 sm:order-none">
          <Input
            value={family.unit ?? '1'}
            maxLength={30}
            className="font-mono"
            onChange={(event) => onChange({ ...family, unit: event.target.value })}
          />
        </Field>
        <Field label="Other words for it" className="order-3 max-sm:col-span-2 sm:order-none">
          <Words family={family} onChange={onChange} />
        </Field>
        <IconButton
          label={`Remove ${family.label || 'this attribute'}`}
          className="order-1 mt-6 sm:order-none"
          onClick={() => onChange(null)}
        >
          <X aria-hidden size={14} />
        </IconButton>
      </div>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-2">
        {alternatives.map((item) => (
          <Field key={item.value} label={item.label || item.value}>
            <Select
              value={family.columns[item.value] ?? ''}
              className="font-mono"
              onChange={(event) => choose(item.value, event.target.value)}
            >
              <option value="">Choose a column</option>
              {columns.map((column) => (
                <option key={column.name} value={column.name}>
                  {isNumeric(column) ? column.name : `${column.name} (has text)`}
                </option>
              ))}
            </Select>
          </Field>
        ))}
      </div>
      {withText.length > 0 ? (
        <p className="text-control text-warn">
          {list(withText.map(withStray))}: rows without a number there are refused.
        </p>
      ) : null}
    </fieldset>
  );
}

function Words({
  family,
  onChange,
  ...field
}: {
  family: FamilyMapping;
  onChange: (family: FamilyMapping) => void;
}) {
  return (
    <WordsInput
      {...field}
      label={`Other words for ${family.label || 'this attribute'}`}
      words={family.synonyms ?? []}
      onChange={(synonyms) => onChange({ ...family, synonyms })}
    />
  );
}

/** “ic.gc (3 values are no numbers)”, counted in the rows the server looked at. */
function withStray({ name, not_numeric: stray = 0 }: ColumnSummary): string {
  return stray > 0
    ? `${name} (${counted(stray, 'value is no number', 'values are no numbers')})`
    : name;
}
