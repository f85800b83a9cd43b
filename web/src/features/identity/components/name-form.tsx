import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { ErrorState } from '@/ui/states';

interface NameFormProps {
  label: string;
  /** The name there is; "" for something new. */
  name: string;
  longest: number;
  optional?: boolean;
  autoComplete: string;
  submit: string;
  busy: boolean;
  problem: ApiProblem | null;
  /** Calls `done` once the server has it. */
  onSubmit: (name: string, done: () => void) => void;
}

/** One name, of a person or an organization: changed, or given to something new. */
export function NameForm(props: NameFormProps) {
  const { label, name, longest, optional = false, autoComplete, submit, busy, problem } = props;
  const [written, setWritten] = useState(name);
  const trimmed = written.trim();
  const save = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit(trimmed, () => setWritten(name === '' ? '' : trimmed));
  };
  return (
    <form onSubmit={save} className="grid gap-3">
      <Field
        label={label}
        optional={optional}
        error={problem?.field('name') ?? problem?.field('full_name')}
        className="max-w-sm"
      >
        <Input
          autoComplete={autoComplete}
          maxLength={longest}
          value={written}
          onChange={(event) => setWritten(event.currentTarget.value)}
        />
      </Field>
      {problem ? <ErrorState problem={problem} /> : null}
      <Button
        type="submit"
        className="justify-self-start"
        busy={busy}
        disabled={trimmed === name || (trimmed === '' && !optional)}
      >
        {submit}
      </Button>
    </form>
  );
}
