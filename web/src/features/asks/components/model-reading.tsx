import { useState } from 'react';
import type { CompilationWire, SuggestionWire } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { counted } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { announce } from '@/ui/toast';
import { useAllowModel, useCompile, useCompilerChoice } from '../queries';

interface ModelReadingProps {
  projectId: string;
  question: string;
  parentId: string | undefined;
  onPick: (suggestion: SuggestionWire) => void;
}

/** A language model reads what the rules leave open: on a click, where the project lets one. */
export function ModelReading(props: ModelReadingProps) {
  const { data: choice } = useCompilerChoice(props.projectId);
  if (!choice) return null;
  return choice === 'rules' ? <AllowModel projectId={props.projectId} /> : <AskModel {...props} />;
}

function AllowModel({ projectId }: { projectId: string }) {
  const [open, setOpen] = useState(false);
  const allow = useAllowModel(projectId);
  if (!open) {
    return (
      <Button size="small" variant="quiet" onClick={() => setOpen(true)}>
        Let a language model read it …
      </Button>
    );
  }
  return (
    <div className="grid max-w-2xl gap-2 rounded-md border border-line bg-s2 p-3">
      <p className="text-control">
        No language model sees this project’s questions. If you allow it, a question that the rules
        leave open and the names of the project’s variables, regions and segments are sent to the
        installation’s model when somebody asks for it. Nothing it reads runs before a yes.
      </p>
      {allow.error && <ErrorState problem={toProblem(allow.error)} />}
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          busy={allow.isPending}
          onClick={() =>
            allow.mutate({ path: { project_id: projectId }, body: { compiler: 'both' } })
          }
        >
          Allow in this project
        </Button>
        <Button size="small" variant="quiet" onClick={() => setOpen(false)}>
          Not now
        </Button>
      </div>
    </div>
  );
}

function AskModel({ projectId, question, parentId, onPick }: ModelReadingProps) {
  const compile = useCompile();
  const read = () =>
    compile.mutate(
      {
        path: { project_id: projectId },
        body: {
          question,
          compiler: 'both',
          ...(parentId === undefined ? {} : { parent_node_id: parentId }),
        },
      },
      { onSuccess: ({ model_reading }) => announce(model_reading?.message ?? '') },
    );
  return (
    <div className="grid gap-2">
      <Button size="small" variant="quiet" busy={compile.isPending} onClick={read}>
        Let a language model read it
      </Button>
      {compile.error && <ErrorState problem={toProblem(compile.error)} />}
      {compile.data && <Read compilation={compile.data} onPick={onPick} />}
    </div>
  );
}

interface ReadProps {
  compilation: CompilationWire;
  onPick: (suggestion: SuggestionWire) => void;
}

/** What came of it, what it took which words for, and what it cost. */
function Read({ compilation, onPick }: ReadProps) {
  const reading = compilation.model_reading;
  if (!reading) return null;
  const offered = compilation.suggestions?.filter(({ read_by }) => read_by === 'model') ?? [];
  return (
    <section aria-label="Read by a language model" className="grid gap-2">
      <p className="text-control">{reading.message}</p>
      {reading.reason && (
        <p className="text-caption text-t3">Why it was not used: {reading.reason}</p>
      )}
      {offered.map((suggestion) => (
        <div key={suggestion.sentence} className="grid justify-items-start gap-1">
          <Button
            size="small"
            className="h-auto whitespace-normal text-left"
            onClick={() => onPick(suggestion)}
          >
            {sentenceCase(suggestion.sentence)}
          </Button>
          <p className="text-caption text-t3">
            Taken from{' '}
            {suggestion.understood?.map(({ text, sentence }) => (
              <q key={sentence}>{text}</q>
            ))}
            {suggestion.assumptions?.map((note) => `; ${note}`)}
          </p>
        </div>
      ))}
      <p className="text-caption text-t3">{costWords(reading)}</p>
    </section>
  );
}

function costWords(reading: NonNullable<CompilationWire['model_reading']>): string {
  if (reading.calls === 0) return 'No language model was called.';
  const by = reading.served_model ? ` by ${reading.served_model}` : '';
  return `${counted(reading.calls, 'call', 'calls')}${by}, ${reading.cost_usd} USD.`;
}
