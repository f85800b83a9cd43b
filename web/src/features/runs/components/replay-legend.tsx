import type { ReactNode } from 'react';
import type { Layer } from '../replay/paint';
import { stateWord, type Terms } from '../terms';
import { sentenceCase } from '../wording';

const otherToken = 't3';

/** The alternative under study has the first colour, the others keep their order. */
export function seriesTokens(
  alternatives: readonly string[],
  outcome: string | undefined,
): string[] {
  let next = 2;
  return alternatives.map((name) => {
    if (name === outcome) return 'series-1';
    const token = next <= 5 ? `series-${next}` : otherToken;
    next += 1;
    return token;
  });
}

interface LegendProps {
  alternatives: readonly string[];
  tokens: readonly string[];
  label: (name: string) => string;
  reading: (name: string) => string;
  layer: Layer;
  terms: Terms;
}

/** Five colours have a name each; what lies beyond shares one grey, and says what it holds. */
export function Legend({ alternatives, tokens, label, reading, layer, terms }: LegendProps) {
  const entries = alternatives.map((name, index) => ({ name, token: tokens[index] ?? otherToken }));
  const others = entries.filter(({ token }) => token === otherToken);
  return (
    <ul
      aria-label={`${sentenceCase(stateWord(terms))}s`}
      className="flex flex-wrap gap-x-6 gap-y-1.5 text-control"
    >
      {entries
        .filter(({ token }) => token !== otherToken)
        .map(({ name, token }) => (
          <LegendEntry key={name} color={token}>
            <span className="text-t1">{sentenceCase(label(name))}</span>
            <span className="font-mono text-caption text-t3">{reading(name)}</span>
          </LegendEntry>
        ))}
      {others.length > 0 && (
        <LegendEntry color={otherToken}>
          <span className="text-t1">Other</span>
          <span className="text-caption text-t3">
            {others.map(({ name }) => `${label(name)} ${reading(name)}`).join(', ')}
          </span>
        </LegendEntry>
      )}
      <LegendEntry color={layer === 'state' ? 't1' : 's3'}>
        <span className="text-t2">
          {layer === 'state' ? `changed this ${terms.unit}` : `kept their ${stateWord(terms)}`}
        </span>
      </LegendEntry>
    </ul>
  );
}

function LegendEntry({ color, children }: { color: string; children: ReactNode }) {
  return (
    <li className="flex items-center gap-2">
      <svg aria-hidden="true" width={10} height={10}>
        <rect width={10} height={10} rx={2} fill={`var(--color-${color})`} />
      </svg>
      {children}
    </li>
  );
}
