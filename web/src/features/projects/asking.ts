/** One question at a time on the universe page: written, sent, followed, rephrased. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useMemo, useRef, useState } from 'react';
import type { Ask, EventScriptInput } from '@/api/generated/types.gen';
import { askOptions, isSettled, useAsk } from '@/features/asks';
import type { UniverseAddress } from './universe-address';

/** What a person agreed to: a part of what was read, or a change in place of it. */
interface Consent {
  acceptPartial: boolean;
  confirmed: EventScriptInput[];
}

export interface Asking {
  /** The question being followed; null: none. */
  askId: string | null;
  draft: { text: string };
  busy: boolean;
  problem: unknown;
  input: RefObject<HTMLTextAreaElement | null>;
  /** Share done of the runs of the question being answered, by node. */
  progress: ReadonlyMap<string, number>;
  focus: () => void;
  submit: (question: string, parentId: string | undefined, how: Consent) => void;
  rephrase: (ask: Ask) => void;
  /** An answered question shows its node, any other one how far it came. */
  open: (ask: Ask) => void;
  close: () => void;
}

export function useAsking(
  projectId: string,
  firstDraft: string | undefined,
  { show, select }: UniverseAddress,
): Asking {
  const client = useQueryClient();
  const ask = useAsk(projectId);
  const [askId, setAskId] = useState<string | null>(null);
  const [draft, setDraft] = useState({ text: firstDraft ?? '' });
  const input = useRef<HTMLTextAreaElement>(null);
  const focus = () => input.current?.focus();
  const sent = (answer: Ask) => {
    setAskId(answer.id);
    setDraft({ text: '' });
    show({ from: undefined });
  };
  return {
    askId,
    draft,
    busy: ask.isPending,
    problem: ask.error,
    input,
    progress: useAskProgress(askId),
    focus,
    submit: (question, parentId, { acceptPartial, confirmed }) => {
      const parent = parentId === undefined ? {} : { parent_node_id: parentId };
      ask.mutate(
        {
          path: { project_id: projectId },
          body: {
            question,
            // What was shown is what runs: a model's reading comes as a confirmed change.
            compiler: 'rules',
            accept_partial: acceptPartial,
            event_scripts: confirmed,
            ...parent,
          },
        },
        { onSuccess: sent },
      );
    },
    rephrase: ({ question }) => {
      setDraft({ text: question });
      setAskId(null);
      focus();
    },
    open: (entry) => {
      client.setQueryData(askOptions(entry.id).queryKey, entry);
      if (entry.status === 'succeeded' && entry.node_id) select(entry.node_id);
      else setAskId(entry.id);
    },
    close: () => setAskId(null),
  };
}

function useAskProgress(askId: string | null): ReadonlyMap<string, number> {
  const { data } = useQuery({ ...askOptions(askId ?? ''), enabled: askId !== null });
  return useMemo(
    () => new Map(data?.node_id && !isSettled(data) ? [[data.node_id, data.progress]] : []),
    [data],
  );
}
