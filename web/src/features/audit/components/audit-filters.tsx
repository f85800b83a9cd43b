import { useState } from 'react';
import type { AuditCount } from '@/api/generated/types.gen';
import { count } from '@/lib/format';
import { Button } from '@/ui/button';
import { Field, Input, Select } from '@/ui/field';
import { useAuditActions, useAuditResourceTypes } from '../queries';
import type { AuditSearch } from '../search';

interface AuditFiltersProps {
  search: AuditSearch;
  onSearch: (change: Partial<AuditSearch>) => void;
  onReset: () => void;
}

/** What to show; each choice says how many entries it has. */
export function AuditFilters({ search, onSearch, onReset }: AuditFiltersProps) {
  const actions = useAuditActions();
  const types = useAuditResourceTypes();
  return (
    <search className="grid items-end gap-3 sm:grid-cols-2 md:grid-cols-[1.4fr_1.4fr_1.6fr_10rem_10rem_auto]">
      <Counted
        label="Action"
        every="Every action"
        counts={actions.data}
        value={search.action}
        onValue={(action) => onSearch({ action })}
      />
      <Counted
        label="Resource"
        every="Every resource"
        counts={types.data}
        value={search.resource_type}
        onValue={(type) => onSearch({ resource_type: type })}
      />
      <Words
        key={search.search ?? ''}
        value={search.search ?? ''}
        onValue={(words) => onSearch({ search: words })}
      />
      <Day label="From" value={search.since} onValue={(since) => onSearch({ since })} />
      <Day label="To" value={search.to} onValue={(to) => onSearch({ to })} />
      <Button onClick={onReset}>Clear</Button>
    </search>
  );
}

interface CountedProps {
  label: string;
  every: string;
  counts: readonly AuditCount[] | undefined;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
}

function Counted({ label, every, counts = [], value, onValue }: CountedProps) {
  const isListed = value === undefined || counts.some(({ name }) => name === value);
  return (
    <Field label={label}>
      <Select
        value={value ?? ''}
        onChange={(event) => onValue(event.currentTarget.value || undefined)}
      >
        <option value="">{every}</option>
        {isListed ? null : <option value={value}>{value}</option>}
        {counts.map(({ name, entries }) => (
          <option key={name} value={name}>
            {name} ({count(entries)})
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface WordsProps {
  value: string;
  onValue: (value: string | undefined) => void;
}

/** Sent when it is left or entered: a request per letter would be an entry's worth of noise. */
function Words({ value, onValue }: WordsProps) {
  const [text, setText] = useState(value);
  const send = () => {
    if (text.trim() !== value) onValue(text.trim() || undefined);
  };
  return (
    <Field label="Words or a request">
      <Input
        type="search"
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={send}
        onKeyDown={(event) => event.key === 'Enter' && send()}
      />
    </Field>
  );
}

interface DayProps {
  label: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
}

function Day({ label, value, onValue }: DayProps) {
  return (
    <Field label={label}>
      <Input
        type="date"
        value={value ?? ''}
        onChange={(event) => onValue(event.currentTarget.value || undefined)}
      />
    </Field>
  );
}
