import type { EventScriptWire, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { operationWords, variableOf } from '../wording';

interface ScriptRowsProps {
  caption: string;
  scripts: readonly EventScriptWire[];
  registry: VariableRegistry | undefined;
}

/** Event scripts as rows: the server's sentence, and the operation as it is applied. */
export function ScriptRows({ caption, scripts, registry }: ScriptRowsProps) {
  return (
    <ul aria-label={caption} className="grid gap-1.5">
      {scripts.map((script, index) => {
        const variable = variableOf(script, registry?.variables ?? []);
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: scripts are applied in this order
            key={index}
            className="grid gap-0.5 rounded-md border border-line bg-s2 px-3 py-2 text-control"
          >
            <span className="text-t1">
              {sentenceCase(script.sentence || variable?.label || script.variable)}
            </span>
            <span className="flex flex-wrap justify-between gap-x-4 font-mono text-caption text-t3">
              <span>{operationWords(script, variable?.unit ?? '1')}</span>
              <code>{script.variable}</code>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
