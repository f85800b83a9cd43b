import { type FormEvent, type ReactNode, useState } from 'react';
import type { ApiProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { ErrorState } from '@/ui/states';

interface ConfirmedDeletionProps {
  /** What the first button says. */
  ask: string;
  /** What the last one says. */
  act: string;
  busy: boolean;
  problem: ApiProblem | null;
  /** The field that makes sure; its name is `sure`. */
  children: ReactNode;
  onConfirmed: (sure: string) => void;
}

/** Nothing brings it back, so it takes two steps and a word. */
export function ConfirmedDeletion(props: ConfirmedDeletionProps) {
  const [isAsked, setAsked] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    props.onConfirmed(String(new FormData(event.currentTarget).get('sure')));
  };
  if (!isAsked) {
    return (
      <Button variant="danger" onClick={() => setAsked(true)}>
        {props.ask}
      </Button>
    );
  }
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-3">
      {props.children}
      {props.problem ? <ErrorState problem={props.problem} /> : null}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" variant="danger" busy={props.busy}>
          {props.act}
        </Button>
        <Button variant="quiet" onClick={() => setAsked(false)}>
          Keep everything
        </Button>
      </span>
    </form>
  );
}
