import type { ColumnMapping, ColumnSummary } from '@/api/generated/types.gen';
import { Field, Select } from '@/ui/field';
import { isNumeric, type Keeping, keepingOf, withKept } from '../mapping';
import { WordsInput } from './alternatives-editor';

const KEEPINGS: readonly Keeping[] = ['left out', 'kept', 'kept, in an order'];
/** The most values a kept column may have. */
const MOST_VALUES = 300;

interface EditorProps {
  mapping: ColumnMapping;
  columns: readonly ColumnSummary[];
  onChange: (mapping: ColumnMapping) => void;
}

/** Columns of words: left out, kept as they are, or kept in an order that a person gives. */
export function CategoriesEditor({ mapping, columns, onChange }: EditorProps) {
  const words = columns.filter(
    (column) => !isNumeric(column) && column.distinct > 1 && column.distinct <= MOST_VALUES,
  );
  return (
    <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
      {words.map((column) => (
        <Kept key={column.name} column={column} mapping={mapping} onChange={onChange} />
      ))}
    </div>
  );
}

function Kept({
  column,
  mapping,
  onChange,
}: {
  column: ColumnSummary;
  mapping: ColumnMapping;
  onChange: (mapping: ColumnMapping) => void;
}) {
  const keeping = keepingOf(mapping, column.name);
  const values = mapping.categories?.find((item) => item.column === column.name)?.values ?? [];
  const choose = (next: Keeping) =>
    onChange(
      withKept(mapping, column.name, next, next === 'kept, in an order' ? column.examples : []),
    );
  return (
    <div className="grid gap-1.5">
      <Field
        label={<code className="font-mono">{column.name}</code>}
        hint={`${column.distinct} values: ${column.examples.slice(0, 4).join(', ')}`}
      >
        <Select
          value={keeping}
          onChange={(event) => choose(KEEPINGS[event.target.selectedIndex] ?? 'left out')}
        >
          {KEEPINGS.map((item) => (
            <option key={item}>{item}</option>
          ))}
        </Select>
      </Field>
      {keeping === 'kept, in an order' ? (
        <WordsInput
          label={`Values of ${column.name}, lowest first`}
          words={values}
          onChange={(order) => onChange(withKept(mapping, column.name, 'kept, in an order', order))}
        />
      ) : null}
    </div>
  );
}
