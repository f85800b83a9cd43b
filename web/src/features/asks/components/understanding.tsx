import type { CompilationWire, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { ScriptRows, variableTitle } from '@/features/universe';
import { counted } from '@/lib/format';
import { compilerWords, markQuestion } from '../wording';
import { ChangeValuesLine } from './change-values';

interface UnderstandingProps {
  question: string;
  compilation: CompilationWire;
  registry: VariableRegistry | undefined;
  /** What a tick is called. */
  unit: string;
}

const markClass = {
  plain: 'text-t2',
  understood: 'text-t1 underline decoration-accent decoration-2 underline-offset-4',
  unmapped: 'rounded-sm text-warn underline decoration-wavy decoration-warn underline-offset-4',
} as const;

/** What the compiler made of a question, and in the question itself what it did not. */
export function Understanding({ question, compilation, registry, unit }: UnderstandingProps) {
  const { event_scripts: scripts, unmapped, contradictions, assumptions } = compilation;
  return (
    <div className="grid max-w-4xl gap-3">
      <p className="text-body">
        {markQuestion(question, compilation).map((piece) => (
          <span key={piece.start} className={markClass[piece.kind]}>
            {piece.text}
            {piece.kind === 'unmapped' && <span className="sr-only"> (not understood)</span>}
          </span>
        ))}
      </p>
      {scripts.length > 0 && (
        <div className="grid gap-1.5">
          <p className="text-caption text-t3">
            Understood as {counted(scripts.length, 'change', 'changes')}
          </p>
          <ScriptRows caption="Understood changes" scripts={scripts} registry={registry} />
          {compilation.values?.map((values, place) => (
            <ChangeValuesLine
              // biome-ignore lint/suspicious/noArrayIndexKey: one of each script, in their order
              key={place}
              values={values}
              variable={registry?.variables.find(({ name }) => name === scripts[place]?.variable)}
              unit={unit}
            />
          ))}
        </div>
      )}
      {unmapped.length > 0 && <Unmapped parts={unmapped} registry={registry} />}
      {contradictions.map((contradiction) => (
        <p
          key={contradiction.message}
          className="rounded-md border border-bad px-3 py-2 text-control"
        >
          <strong className="text-bad">Contradiction.</strong> {contradiction.message}
        </p>
      ))}
      {compilation.warnings?.map((warning) => (
        <p
          key={warning}
          role="status"
          className="rounded-md border border-warn px-3 py-2 text-control text-warn"
        >
          {warning}
        </p>
      ))}
      {assumptions.length > 0 && (
        <ul className="list-disc pl-4 text-caption text-t3">
          {assumptions.map((assumption) => (
            <li key={assumption}>{sentenceCase(assumption)}</li>
          ))}
        </ul>
      )}
      <p className="text-caption text-t3">
        Compiled by the {compilerWords(compilation)}.{' '}
        {compilation.model_reading?.message ?? 'No language model was called.'}
      </p>
    </div>
  );
}

interface UnmappedProps {
  parts: CompilationWire['unmapped'];
  registry: VariableRegistry | undefined;
}

function Unmapped({ parts, registry }: UnmappedProps) {
  const label = (name: string) => {
    const known = registry?.variables.find((variable) => variable.name === name);
    return known ? variableTitle(known) : name;
  };
  return (
    <ul aria-label="Not understood" className="grid gap-1.5">
      {parts.map((part) => (
        <li
          key={`${part.code}-${part.text}`}
          className="rounded-md border border-warn px-3 py-2 text-control"
        >
          <p>
            {part.text !== '' && <span className="text-warn">“{part.text}” </span>}
            {part.message}
          </p>
          {part.nearest.length > 0 && (
            <p className="mt-1 text-caption text-t3">
              Nearest variables:{' '}
              <span className="text-t2">{part.nearest.map(label).join(', ')}</span>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
