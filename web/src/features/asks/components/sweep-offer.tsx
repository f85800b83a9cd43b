import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { SuggestionWire } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { useAsk } from '../queries';

interface SweepOfferProps {
  projectId: string;
  parentId: string | undefined;
  sweep: readonly SuggestionWire[];
}

/** Several values: a question for each of them, asked by one click and shown in one chart. */
export function SweepOffer({ projectId, parentId, sweep }: SweepOfferProps) {
  const navigate = useNavigate();
  const ask = useAsk(projectId);
  const [busy, setBusy] = useState(false);
  const askAll = async () => {
    setBusy(true);
    try {
      let last = '';
      for (const { question } of sweep) {
        const body = { question, ...(parentId ? { parent_node_id: parentId } : {}) };
        last = (await ask.mutateAsync({ path: { project_id: projectId }, body })).id;
      }
      await navigate({
        to: '/projects/$projectId/sweep',
        params: { projectId },
        search: { ask: last },
      });
    } catch {
      // What went wrong stands in `ask.error`, below.
    } finally {
      setBusy(false);
    }
  };
  return (
    <section
      aria-label="Several values"
      className="grid max-w-4xl gap-3 rounded-lg border border-accent bg-s2 p-3"
    >
      <p className="text-control text-t1">
        {sweep.length} values, a world version each. Nothing runs before you say yes.
      </p>
      <ul className="grid gap-0.5 text-control text-t2">
        {sweep.map(({ question, sentence }) => (
          <li key={question}>{sentenceCase(sentence)}</li>
        ))}
      </ul>
      <div>
        <Button variant="primary" busy={busy} onClick={() => void askAll()}>
          Ask all {sweep.length}
        </Button>
      </div>
      {ask.error && !busy ? <ErrorState problem={toProblem(ask.error)} /> : null}
    </section>
  );
}
