import type { EventScriptWire, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { audience, operationWords, period, variableOf } from '../wording';

interface ScriptRowsProps {
  caption: string;
  scripts: readonly EventScriptWire[];
  registry: VariableRegistry | undefined;
}

/** Event scripts as rows in plain words: what changes, how, for whom, when. */
export function ScriptRows({ caption, scripts, registry }: ScriptRowsProps) {
  const groups = [...(registry?.segments ?? []), ...(registry?.regions ?? [])];
  return (
    <ul aria-label={caption} className="grid gap-1.5">
      {scripts.map((script, index) => {
        const variable = variableOf(script, registry?.variables ?? []);
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: scripts are applied in this order
            key={index}
            className="grid gap-x-4 gap-y-0.5 rounded-md border border-line bg-s2 px-3 py-2 text-control"
          >
            <span className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="text-t1">
                {variable ? sentenceCase(variable.label) : script.variable}
              </span>
              <span className="font-mono text-t1">
                {operationWords(script, variable?.unit ?? '1')}
              </span>
            </span>
            <span className="flex flex-wrap justify-between gap-x-4 text-caption text-t3">
              <span>
                {sentenceCase(period(script.scope))} · {audience(script.scope, groups)}
              </span>
              <code className="font-mono">{script.variable}</code>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
