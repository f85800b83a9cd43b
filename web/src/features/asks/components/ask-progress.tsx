import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleDashed, LoaderCircle, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Ask, VariableRegistry } from '@/api/generated/types.gen';
import { RunBar, type Terms } from '@/features/runs';
import { ScriptRows, useRefreshUniverse, useRunNode } from '@/features/universe';
import { cx } from '@/lib/cx';
import { money } from '@/lib/format';
import { storedProblem, toProblem } from '@/lib/problem';
import { Button, IconButton } from '@/ui/button';
import { Panel } from '@/ui/panel';
import { ErrorState } from '@/ui/states';
import { announce, toast } from '@/ui/toast';
import { askOptions } from '../queries';
import { Understanding } from './understanding';

interface AskProgressProps {
  projectId: string;
  askId: string;
  unit: Terms['unit'];
  registry: VariableRegistry | undefined;
  onNode: (nodeId: string) => void;
  onAcceptPartial: (ask: Ask) => void;
  onRephrase: (ask: Ask) => void;
  onClose: () => void;
}

const order = ['queued', 'compiling', 'running', 'succeeded'] as const;
type StepName = (typeof order)[number];

const stepWords: Record<StepName, string> = {
  queued: 'Queued',
  compiling: 'Compile into event scripts',
  running: 'Run both variants',
  succeeded: 'Finished',
};

type StepState = 'done' | 'now' | 'waiting' | 'stopped';

/** How far each step is; a question that stopped did so while compiling unless a node exists. */
export function stepStates(ask: Pick<Ask, 'status' | 'node_id'>): Record<StepName, StepState> {
  const stopped = isStopped(ask.status);
  const at = stopped ? (ask.node_id ? 2 : 1) : order.indexOf(stepOf(ask.status));
  const state = (index: number): StepState => {
    if (index < at || ask.status === 'succeeded') return 'done';
    if (index > at) return 'waiting';
    return stopped ? 'stopped' : 'now';
  };
  return { queued: state(0), compiling: state(1), running: state(2), succeeded: state(3) };
}

type StoppedStatus = 'failed' | 'cancelled' | 'needs_input';

function isStopped(status: Ask['status']): status is StoppedStatus {
  return status === 'failed' || status === 'cancelled' || status === 'needs_input';
}

function stepOf(status: Ask['status']): StepName {
  return isStopped(status) ? 'compiling' : status;
}

/** A question on its way: its steps, the runs as they happen, and the way out when it stops. */
export function AskProgress(props: AskProgressProps) {
  const { askId, unit, registry, onClose } = props;
  const query = useQuery(askOptions(askId));
  const ask = query.data;
  useReport(ask, props);
  if (query.error)
    return <ErrorState problem={toProblem(query.error)} onRetry={() => void query.refetch()} />;
  if (!ask) return null;
  const steps = stepStates(ask);
  return (
    <Panel
      title="Asking"
      caption={ask.question}
      actions={
        <IconButton label="Close the question" onClick={onClose}>
          <X aria-hidden size={16} />
        </IconButton>
      }
    >
      <div className="grid gap-4">
        <ol className="flex flex-wrap gap-x-5 gap-y-1.5">
          {order.map((step) => (
            <StepMark key={step} state={steps[step]} words={stepWords[step]} />
          ))}
        </ol>
        {ask.confirmed.length > 0 && (
          <ScriptRows caption="Confirmed changes" scripts={ask.confirmed} registry={registry} />
        )}
        {ask.compilation && ask.confirmed.length === 0 && (
          <Understanding
            question={ask.question}
            compilation={ask.compilation}
            registry={registry}
            unit={unit}
          />
        )}
        {ask.run_ids.length > 0 && (
          <div className="grid gap-4 sm:grid-cols-2">
            {ask.run_ids.map((runId) => (
              <RunBar key={runId} runId={runId} unit={unit} onOver={() => void query.refetch()} />
            ))}
          </div>
        )}
        <Obstacle ask={ask} />
        {isStopped(ask.status) && <WaysOut {...props} ask={ask} />}
        <p className="font-mono text-caption text-t3">
          {money(ask.llm_cost_usd)}, {ask.llm_calls} model calls
        </p>
      </div>
    </Panel>
  );
}

/** Says what became of the question, once each, and chooses its node when it appears. */
function useReport(
  ask: Ask | undefined,
  { projectId, onNode, onClose }: Pick<AskProgressProps, 'projectId' | 'onNode' | 'onClose'>,
): void {
  const refresh = useRefreshUniverse(projectId);
  const reported = useRef('');
  useEffect(() => {
    if (!ask) return;
    const state = `${ask.id}:${ask.status}:${ask.node_id ?? ''}`;
    if (reported.current === state) return;
    reported.current = state;
    refresh(ask.node_id ?? undefined);
    if (ask.status === 'failed') announce('The question could not be answered.');
    if (ask.status === 'cancelled') announce('The run of this question was cancelled.');
    if (ask.status !== 'succeeded') return;
    // The answer is the new node, which is selected; the drawer has nothing more to say.
    announce('The question is answered. The new world version is selected.');
    onClose();
  });
  // The node is chosen once, when it appears; afterwards the choice is the reader's.
  const choose = useRef(onNode);
  const nodeId = ask?.node_id ?? null;
  useEffect(() => {
    if (nodeId !== null) choose.current(nodeId);
  }, [nodeId]);
}

function Obstacle({ ask }: { ask: Ask }) {
  const problem = storedProblem(ask.problem);
  if (!problem) return null;
  return (
    <div
      role="alert"
      className={cx(
        'rounded-md border px-3 py-2 text-control',
        ask.status === 'cancelled' ? 'border-edge' : 'border-bad',
      )}
    >
      <p className="font-medium">{problem.title}</p>
      <p className="text-t2">{problem.detail}</p>
    </div>
  );
}

interface WaysOutProps extends AskProgressProps {
  ask: Ask;
}

/** How a question that stopped can go on. */
function WaysOut({ projectId, ask, onAcceptPartial, onRephrase, onClose }: WaysOutProps) {
  const run = useRunNode(projectId);
  const { node_id: nodeId, compilation, status } = ask;
  // The node is there, only its runs ended early: its inspector shows how they go on.
  const again = (id: string) =>
    run.mutate(
      { path: { node_id: id } },
      { onSuccess: onClose, onError: (error) => toast(toProblem(error).detail, 'bad') },
    );
  return (
    <div className="flex flex-wrap gap-2">
      {status === 'needs_input' && (compilation?.event_scripts.length ?? 0) > 0 && (
        <Button variant="primary" onClick={() => onAcceptPartial(ask)}>
          Run with what was understood
        </Button>
      )}
      {status !== 'needs_input' && nodeId && (
        <Button variant="primary" busy={run.isPending} onClick={() => again(nodeId)}>
          Run it again
        </Button>
      )}
      <Button onClick={() => onRephrase(ask)}>Change the question</Button>
    </div>
  );
}

const stepIcon = {
  done: CircleCheck,
  now: LoaderCircle,
  waiting: CircleDashed,
  stopped: CircleAlert,
} as const;

const stepClass: Record<StepState, string> = {
  done: 'text-t2',
  now: 'text-accent',
  waiting: 'text-t3',
  stopped: 'text-warn',
};

const stepSuffix: Record<StepState, string> = {
  done: 'done',
  now: 'in progress',
  waiting: 'to come',
  stopped: 'stopped here',
};

function StepMark({ state, words }: { state: StepState; words: string }) {
  const Icon = stepIcon[state];
  return (
    <li
      aria-current={state === 'now' ? 'step' : undefined}
      className={cx('flex items-center gap-1.5 text-control', stepClass[state])}
    >
      <Icon aria-hidden size={14} className={state === 'now' ? 'animate-breath' : undefined} />
      {words}
      <span className="sr-only">, {stepSuffix[state]}</span>
    </li>
  );
}
