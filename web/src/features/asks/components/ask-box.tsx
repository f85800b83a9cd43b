import { X } from 'lucide-react';
import {
  type ComponentProps,
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  Suspense,
  useEffect,
  useId,
  useState,
} from 'react';
import type {
  CompilationWire,
  EventScriptInput,
  VariableRegistry,
} from '@/api/generated/types.gen';
import { counted } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button, IconButton } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { announce } from '@/ui/toast';
import { useCompile } from '../queries';
import { Offers, Understanding } from './lazy';

interface AskBoxProps {
  projectId: string;
  registry: VariableRegistry | undefined;
  /** A new object puts its text into the field; typing goes on from there. */
  draft: { text: string };
  /** The world version the question starts from; null: the baseline. */
  from: { id: string; label: string } | null;
  onClearFrom: () => void;
  /** What a tick is called. */
  unit: string;
  /** Why nothing can be asked yet; null when it can. */
  disabledReason: string | null;
  busy: boolean;
  problem: unknown;
  onAsk: (question: string, acceptPartial: boolean, confirmed: EventScriptInput[]) => void;
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

const longestQuestion = 10_000;
const pause = 350;

/** One question in a person's own words, with what it is understood as before anything runs. */
export function AskBox(props: AskBoxProps) {
  const { registry, draft, from, onClearFrom, disabledReason, busy, problem, onAsk, inputRef } =
    props;
  const [question, setQuestion] = useState(draft.text);
  useEffect(() => setQuestion(draft.text), [draft]);
  const preview = usePreview(props.projectId, from?.id, question, disabledReason === null);
  const reasonId = useId();
  const { compilation } = preview;
  // An answer to an older text says nothing about what is written now.
  const current = preview.stale ? null : compilation;
  const isPartial = current !== null && current.unmapped.length > 0;
  const nothing = current !== null && current.event_scripts.length === 0;
  const contradicts = current !== null && current.contradictions.length > 0;
  const reason = disabledReason ?? blockedBecause(question, nothing, contradicts);
  const canAsk = reason === null && !busy;

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (canAsk) onAsk(question.trim(), isPartial, []);
  };
  return (
    <div className="grid gap-3 rounded-lg border border-line bg-s1 p-3">
      <form onSubmit={submit} className="grid gap-3">
        {from && <ContinuedFrom label={from.label} onClear={onClearFrom} />}
        <div className="flex items-start gap-2">
          <QuestionField
            ref={inputRef}
            question={question}
            example={registry?.examples[0]}
            reasonId={reason ? reasonId : undefined}
            onQuestion={setQuestion}
            onEnter={submit}
          />
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            aria-disabled={!canAsk || undefined}
            aria-describedby={reason ? reasonId : undefined}
          >
            {isPartial && !nothing ? 'Run with what was understood' : 'Ask'}
          </Button>
        </div>
        {reason && (
          <WhyNot id={reasonId} reason={reason}>
            {disabledReason === null && question.trim() === '' && registry && (
              <Examples examples={registry.examples} onPick={setQuestion} />
            )}
          </WhyNot>
        )}
        {compilation && preview.question !== '' && (
          <div className={preview.stale ? 'opacity-60' : undefined}>
            <Understood
              question={preview.question}
              compilation={compilation}
              registry={registry}
              unit={props.unit}
            />
          </div>
        )}
        {preview.problem !== null && <ErrorState problem={toProblem(preview.problem)} />}
        {problem ? <ErrorState problem={toProblem(problem)} onRetry={() => submit()} /> : null}
      </form>
      {current?.needs_confirmation && registry && (
        <Offer
          key={preview.question}
          projectId={props.projectId}
          question={preview.question}
          parentId={from?.id}
          compilation={current}
          registry={registry}
          unit={props.unit}
          busy={busy}
          onRun={(scripts) => onAsk(preview.question, false, scripts)}
        />
      )}
    </div>
  );
}

/** Its code comes when the first question is typed. */
function Understood(props: ComponentProps<typeof Understanding>) {
  return (
    <Suspense fallback={null}>
      <Understanding {...props} />
    </Suspense>
  );
}

/** Its code comes when the first question needs it. */
function Offer(props: ComponentProps<typeof Offers>) {
  return (
    <Suspense fallback={null}>
      <Offers {...props} />
    </Suspense>
  );
}

function ContinuedFrom({ label, onClear }: { label: string; onClear: () => void }) {
  return (
    <p className="flex items-center gap-1 text-caption text-t3">
      Continues <span className="text-accent">{label}</span>
      <IconButton label="Ask from the baseline instead" onClick={onClear}>
        <X aria-hidden size={14} />
      </IconButton>
    </p>
  );
}

interface QuestionFieldProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  question: string;
  example: string | undefined;
  /** Of the sentence that says why it cannot be asked. */
  reasonId: string | undefined;
  onQuestion: (question: string) => void;
  onEnter: () => void;
}

/** Grows with the question; Enter asks, with Shift it begins a line. */
function QuestionField(props: QuestionFieldProps) {
  const { ref, question, example, reasonId, onQuestion, onEnter } = props;
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onEnter();
    }
  };
  return (
    <textarea
      ref={ref}
      aria-label="Ask a what-if question"
      aria-describedby={reasonId}
      aria-keyshortcuts="/"
      value={question}
      maxLength={longestQuestion}
      rows={1}
      placeholder={example ?? ''}
      onChange={(event) => onQuestion(event.currentTarget.value)}
      onKeyDown={press}
      className="field-sizing-content max-h-40 min-h-9 min-w-0 flex-1 resize-none rounded-md border border-edge bg-bg px-3 py-1.5 text-body text-t1"
    />
  );
}

interface WhyNotProps {
  id: string;
  reason: string;
  children: ReactNode;
}

/** Why nothing can be asked yet, and beside it what could be. */
function WhyNot({ id, reason, children }: WhyNotProps) {
  return (
    <div className="grid items-center gap-x-4 gap-y-2 md:grid-cols-[auto_minmax(0,1fr)]">
      <p id={id} className="text-caption text-t3">
        {reason}
      </p>
      {children}
    </div>
  );
}

function blockedBecause(question: string, nothing: boolean, contradicts: boolean): string | null {
  if (question.trim() === '') return 'Write what should change, for whom and when. Enter asks.';
  if (contradicts) return 'Two parts contradict each other. Keep one of them.';
  if (nothing) return 'Nothing of this can be run. Below is what to say instead.';
  return null;
}

function Examples({
  examples,
  onPick,
}: {
  examples: readonly string[];
  onPick: (example: string) => void;
}) {
  if (examples.length === 0) return null;
  return (
    // One line that scrolls; its end fades, so that a cut example reads as more to come.
    <ul
      aria-label="Examples"
      className="-m-1 flex gap-1.5 overflow-x-auto p-1 pr-8 [mask-image:linear-gradient(to_right,black_calc(100%_-_2rem),transparent)] [scrollbar-width:none]"
    >
      {examples.slice(0, 4).map((example) => (
        <li key={example} className="shrink-0">
          <button
            type="button"
            onClick={() => onPick(example)}
            className="min-h-7 rounded-md border border-line px-2.5 text-caption whitespace-nowrap text-t2 hover:border-edge hover:text-t1"
          >
            {example}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The preview in one sentence, for those who hear the page. */
function previewWords({
  event_scripts: scripts,
  unmapped,
  contradictions,
}: CompilationWire): string {
  const parts = [`Understood ${counted(scripts.length, 'change', 'changes')}.`];
  if (unmapped.length > 0)
    parts.push(`Not understood: ${counted(unmapped.length, 'part', 'parts')}.`);
  if (contradictions.length > 0) parts.push('Two parts contradict each other.');
  return parts.join(' ');
}

interface Preview {
  question: string;
  compilation: CompilationWire | null;
  /** Older than what is written now. */
  stale: boolean;
  problem: unknown;
}

/** The server's understanding of the text, asked for after a short pause in typing. */
function usePreview(
  projectId: string,
  parentId: string | undefined,
  question: string,
  enabled: boolean,
): Preview {
  const { mutate, data, error, variables, reset } = useCompile();
  const text = question.trim();
  useEffect(() => {
    if (!enabled || text === '') {
      reset();
      return;
    }
    const timer = setTimeout(
      () =>
        mutate({
          path: { project_id: projectId },
          body: {
            question: text,
            compiler: 'rules',
            ...(parentId === undefined ? {} : { parent_node_id: parentId }),
          },
        }),
      pause,
    );
    return () => clearTimeout(timer);
  }, [projectId, parentId, text, enabled, mutate, reset]);
  const [last, setLast] = useState<{ question: string; compilation: CompilationWire } | null>(null);
  const asked = variables?.body.question ?? '';
  useEffect(() => {
    if (!data) return;
    setLast({ question: asked, compilation: data });
    announce(previewWords(data));
  }, [data, asked]);
  if (!enabled || text === '' || error) {
    return { question: '', compilation: null, stale: false, problem: text === '' ? null : error };
  }
  return {
    question: last?.question ?? '',
    compilation: last?.compilation ?? null,
    stale: last?.question !== text,
    problem: null,
  };
}
