import { X } from 'lucide-react';
import type { AlternativeMapping, ColumnMapping } from '@/api/generated/types.gen';
import { IconButton } from '@/ui/button';
import { Input } from '@/ui/field';
import { withoutAlternative } from '../mapping';

interface EditorProps {
  mapping: ColumnMapping;
  onChange: (mapping: ColumnMapping) => void;
}

/** What people can choose: the value in the file, its name, and other words for it. */
export function AlternativesEditor({ mapping, onChange }: EditorProps) {
  const { alternatives = [] } = mapping;
  const reference = mapping.reference_alternative ?? alternatives.at(-1)?.value;
  const edit = (value: string, change: Partial<AlternativeMapping>) =>
    onChange({
      ...mapping,
      alternatives: alternatives.map((item) =>
        item.value === value ? { ...item, ...change } : item,
      ),
    });
  if (alternatives.length === 0) return null;
  return (
    <div className="relative overflow-x-auto">
      <table className="w-full min-w-[36rem] text-control">
        <caption className="sr-only">Alternatives</caption>
        <AlternativesHead />
        <tbody>
          {alternatives.map((item) => (
            <AlternativeRow
              key={item.value}
              item={item}
              isReference={item.value === reference}
              onEdit={(change) => edit(item.value, change)}
              onReference={() => onChange({ ...mapping, reference_alternative: item.value })}
              onLeaveOut={() => onChange(withoutAlternative(mapping, item.value))}
            />
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-caption text-t3">
        The reference's constant is fixed at zero; every other one is estimated against it. Other
        words help questions in plain language find the alternative.
      </p>
    </div>
  );
}

function AlternativesHead() {
  return (
    <thead>
      <tr className="text-left text-caption tracking-[0.04em] text-t3">
        <th scope="col" className="w-24 pb-1 font-medium">
          In the file
        </th>
        <th scope="col" className="pb-1 font-medium">
          Name
        </th>
        <th scope="col" className="pb-1 pl-2 font-medium">
          Other words for it
        </th>
        <th scope="col" className="w-24 pb-1 pl-3 font-medium">
          Reference
        </th>
        <th scope="col" className="w-8">
          <span className="sr-only">Remove</span>
        </th>
      </tr>
    </thead>
  );
}

interface AlternativeRowProps {
  item: AlternativeMapping;
  isReference: boolean;
  onEdit: (change: Partial<AlternativeMapping>) => void;
  onReference: () => void;
  onLeaveOut: () => void;
}

function AlternativeRow(props: AlternativeRowProps) {
  const { item, isReference, onEdit, onReference, onLeaveOut } = props;
  return (
    <tr>
      <th scope="row" className="py-0.5 pr-3 text-left font-mono font-normal">
        {item.value}
      </th>
      <td className="py-0.5">
        <Input
          aria-label={`Name of ${item.value}`}
          value={item.label}
          maxLength={80}
          onChange={(event) => onEdit({ label: event.target.value })}
        />
      </td>
      <td className="py-0.5 pl-2">
        <WordsInput
          label={`Other words for ${item.value}`}
          words={item.synonyms ?? []}
          onChange={(synonyms) => onEdit({ synonyms })}
        />
      </td>
      <td className="py-0.5 pl-3">
        <label className="flex min-h-7 items-center">
          <input
            type="radio"
            name="reference"
            className="size-4"
            aria-label={`${item.label || item.value} is the reference`}
            checked={isReference}
            onChange={onReference}
          />
        </label>
      </td>
      <td className="py-0.5">
        <IconButton label={`Leave out ${item.label || item.value}`} onClick={onLeaveOut}>
          <X aria-hidden size={14} />
        </IconButton>
      </td>
    </tr>
  );
}

/** Words separated by commas; split only when they are sent on. */
export function WordsInput({
  label,
  words,
  onChange,
}: {
  label: string;
  words: readonly string[];
  onChange: (words: string[]) => void;
}) {
  return (
    <Input
      aria-label={label}
      defaultValue={words.join(', ')}
      onBlur={(event) =>
        onChange(
          event.target.value
            .split(',')
            .map((word) => word.trim())
            .filter(Boolean)
            .slice(0, 40),
        )
      }
    />
  );
}
