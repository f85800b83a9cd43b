import { Plus, X } from 'lucide-react';
import type { ColumnSummary, GroupMapping, LabelMapping } from '@/api/generated/types.gen';
import { significant } from '@/lib/format';
import { Button, IconButton } from '@/ui/button';
import { Field, Input, Select } from '@/ui/field';
import { isNumeric, nameFromLabel, needsBands } from '../mapping';

interface GroupEditorProps {
  title: string;
  hint: string;
  group: GroupMapping | null;
  columns: readonly ColumnSummary[];
  onChange: (group: GroupMapping | null) => void;
}

/** Regions or segments: a column whose values, or bands of values, are the groups. */
export function GroupEditor({ title, hint, group, columns, onChange }: GroupEditorProps) {
  const column = columns.find((item) => item.name === group?.column);
  const labels = group?.labels ?? [];
  return (
    <div className="grid content-start gap-3">
      <Field label={title} hint={hint}>
        <Select
          value={group?.column ?? ''}
          className="font-mono"
          onChange={(event) =>
            onChange(event.target.value ? { column: event.target.value, labels: [] } : null)
          }
        >
          <option value="">None: everybody is in one group</option>
          {columns.map((item) => (
            <option key={item.name}>{item.name}</option>
          ))}
        </Select>
      </Field>
      {group && column && labels.length === 0 && !needsBands(column) ? (
        <p className="text-control text-t2">
          Each of its {column.distinct} values becomes a group: {column.examples.join(', ')}.
        </p>
      ) : null}
      {group && (labels.length > 0 || needsBands(column)) ? (
        <Labels group={group} column={column} onChange={onChange} />
      ) : null}
    </div>
  );
}

interface LabelsProps {
  group: GroupMapping;
  column: ColumnSummary | undefined;
  onChange: (group: GroupMapping) => void;
}

function Labels({ group, column, onChange }: LabelsProps) {
  const labels = group.labels ?? [];
  const set = (next: LabelMapping[]) => onChange({ ...group, labels: next });
  const add = () =>
    set([
      ...labels,
      { name: '', label: '', synonyms: [], values: [], minimum: null, maximum: null },
    ]);
  return (
    <div className="grid gap-1.5">
      {labels.map((label, index) => (
        <LabelRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place in the list; its name changes while typing
          key={index}
          label={label}
          column={column}
          onChange={(next) => set(labels.map((item, at) => (at === index ? next : item)))}
          onRemove={() => set(labels.filter((_, at) => at !== index))}
        />
      ))}
      {column && isNumeric(column) ? (
        <Button size="small" className="justify-self-start" onClick={add}>
          <Plus aria-hidden size={14} /> Add a band
        </Button>
      ) : null}
    </div>
  );
}

interface LabelRowProps {
  label: LabelMapping;
  column: ColumnSummary | undefined;
  onChange: (label: LabelMapping) => void;
  onRemove: () => void;
}

function LabelRow({ label, column, onChange, onRemove }: LabelRowProps) {
  const values = label.values ?? [];
  const name = label.label || 'this group';
  return (
    <div className="flex min-w-0 items-center gap-2 max-sm:flex-wrap max-sm:pb-2">
      <Input
        aria-label={`Name of ${name}`}
        value={label.label}
        placeholder="Low income"
        maxLength={80}
        onChange={(event) =>
          onChange({
            ...label,
            label: event.target.value,
            // A group of values keeps the name the server gave it; a band is named by its label.
            name: values.length > 0 ? label.name : nameFromLabel(event.target.value),
          })
        }
      />
      {values.length > 0 ? (
        <span
          className="w-40 shrink-0 truncate font-mono text-control text-t2"
          title={values.join(', ')}
        >
          {values.join(', ')}
        </span>
      ) : (
        <>
          <Bound
            label={`${name}: from`}
            placeholder={column?.minimum == null ? 'from' : significant(column.minimum)}
            value={label.minimum}
            onChange={(minimum) => onChange({ ...label, minimum })}
          />
          <span className="shrink-0 text-caption text-t3">to below</span>
          <Bound
            label={`${name}: to below`}
            placeholder="—"
            value={label.maximum}
            onChange={(maximum) => onChange({ ...label, maximum })}
          />
        </>
      )}
      <IconButton label={`Remove ${name}`} onClick={onRemove}>
        <X aria-hidden size={14} />
      </IconButton>
    </div>
  );
}

interface BoundProps {
  label: string;
  placeholder: string;
  value: number | null | undefined;
  onChange: (value: number | null) => void;
}

/** One end of a band; empty means it goes on. */
function Bound({ label, placeholder, value, onChange }: BoundProps) {
  return (
    <span className="w-20 shrink-0">
      <Input
        aria-label={label}
        type="number"
        step="any"
        className="font-mono"
        placeholder={placeholder}
        value={value ?? ''}
        onChange={(event) =>
          onChange(event.target.value === '' ? null : Number(event.target.value))
        }
      />
    </span>
  );
}
