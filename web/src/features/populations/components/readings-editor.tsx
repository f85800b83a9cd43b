import type { ColumnMapping, ColumnSummary } from '@/api/generated/types.gen';
import { count, counted, significant } from '@/lib/format';
import { Field, Select } from '@/ui/field';
import { openReadings, withDecimal, withMissing } from '../mapping';

interface ReadingsEditorProps {
  mapping: ColumnMapping;
  columns: readonly ColumnSummary[];
  onChange: (mapping: ColumnMapping) => void;
}

/** Numbers that do not speak for themselves: two notations, or far from the rest of their column. */
export function ReadingsEditor({ mapping, columns, onChange }: ReadingsEditorProps) {
  return (
    <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
      {openReadings(mapping, columns).flatMap((column) => [
        column.ambiguous ? (
          <DecimalQuestion
            key={column.name}
            column={column}
            decimal={mapping.readings?.[column.name]?.decimal}
            onChange={(decimal) => onChange(withDecimal(mapping, column.name, decimal))}
          />
        ) : null,
        ...(column.far_values ?? []).map(({ value, rows }) => (
          <Field
            key={`${column.name} ${value}`}
            label={
              <span>
                <code className="font-mono">{column.name}</code> is {significant(value, 6)} in{' '}
                {counted(rows, 'row', 'rows')}
              </span>
            }
            hint="It lies far from all other numbers of the column."
          >
            <Select
              value={mapping.readings?.[column.name]?.missing?.includes(value) ? 'missing' : 'real'}
              onChange={(event) =>
                onChange(withMissing(mapping, column.name, value, event.target.value === 'missing'))
              }
            >
              <option value="missing">no answer</option>
              <option value="real">a real value</option>
            </Select>
          </Field>
        )),
      ])}
    </div>
  );
}

interface DecimalQuestionProps {
  column: ColumnSummary;
  decimal: '.' | ',' | null | undefined;
  onChange: (decimal: '.' | ',') => void;
}

function DecimalQuestion({ column, decimal, onChange }: DecimalQuestionProps) {
  const value = column.ambiguous ?? '';
  const bare = value.replace(/[^\d.,-]/g, '');
  const isComma = bare.includes(',');
  const thousands = Number(bare.replace(/[.,]/g, ''));
  const small = Number(bare.replace(',', '.'));
  return (
    <Field
      label={
        <span>
          What is {value} in <code className="font-mono">{column.name}</code>?
        </span>
      }
      hint={`First on row ${count(column.ambiguous_row ?? 0)}; no row of the column decides.`}
    >
      <Select
        value={decimal ?? ''}
        onChange={(event) => onChange(event.target.value === ',' ? ',' : '.')}
      >
        <option value="" disabled>
          Choose
        </option>
        <option value={isComma ? '.' : ','}>{count(thousands)}: the mark parts thousands</option>
        <option value={isComma ? ',' : '.'}>{small}: the mark is the decimal one</option>
      </Select>
    </Field>
  );
}
