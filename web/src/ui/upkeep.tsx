import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '@/lib/problem';
import { Button } from './button';
import { Sheet } from './dialog';
import { Field, Input } from './field';
import { ErrorState } from './states';

interface UpkeepProps {
  /** What it is: “population”. */
  noun: string;
  name: string;
  tags: readonly string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSave: (change: { name: string; tags: string[] }) => void;
  onDelete: () => void;
  /** What goes with it. */
  loses: string;
  busy: boolean;
  problem: ApiProblem | null;
}

/** The words of a field with commas in it, each once. */
export function tagsOf(text: string): string[] {
  const words = text.split(',').map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** Name and tags of something that is kept, and its end. */
export function Upkeep(props: UpkeepProps) {
  const { noun, open, onOpenChange, problem } = props;
  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={`Edit ${noun}`}>
      {open ? (
        <div className="grid gap-6">
          {problem ? <ErrorState problem={problem} /> : null}
          <NameForm {...props} />
          <DeleteForGood {...props} />
        </div>
      ) : null}
    </Sheet>
  );
}

function NameForm({ name, tags, onSave, busy }: UpkeepProps) {
  const [draft, setDraft] = useState({ name, tags: tags.join(', ') });
  const isBlank = draft.name.trim() === '';
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!isBlank) onSave({ name: draft.name, tags: tagsOf(draft.tags) });
  };
  return (
    <form onSubmit={save} className="grid gap-3">
      <Field label="Name" error={isBlank ? 'Give it a name.' : undefined}>
        <Input
          value={draft.name}
          maxLength={80}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field label="Tags" hint="Separated by commas." optional>
        <Input
          value={draft.tags}
          maxLength={500}
          onChange={(event) => setDraft({ ...draft, tags: event.target.value })}
        />
      </Field>
      <Button type="submit" variant="primary" className="justify-self-start" busy={busy}>
        Save
      </Button>
    </form>
  );
}

function DeleteForGood({ noun, name, loses, onDelete, busy }: UpkeepProps) {
  const [isAsked, setAsked] = useState(false);
  return (
    <section className="grid gap-2 border-t border-line pt-4">
      <p className="text-control text-t2">{loses} It cannot be undone.</p>
      {isAsked ? (
        <Button variant="danger" className="justify-self-start" busy={busy} onClick={onDelete}>
          Delete “{name}” for good
        </Button>
      ) : (
        <Button className="justify-self-start" onClick={() => setAsked(true)}>
          Delete {noun}
        </Button>
      )}
    </section>
  );
}
