import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'bad' | 'violet';

const TONES: Record<Tone, string> = {
  neutral: 'text-t2 border-edge',
  accent: 'text-accent border-accent',
  ok: 'text-ok border-ok',
  warn: 'text-warn border-warn',
  bad: 'text-bad border-bad',
  violet: 'text-violet border-violet',
};

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={cx(
        'inline-flex items-center rounded-sm border px-1.5 text-caption font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

const CORES = { collective: 'accent', target: 'violet', hybrid: 'warn' } as const;

/** The kind of project, in its own colour and always in words. */
export function CoreBadge({ core }: { core: keyof typeof CORES }) {
  return <Badge tone={CORES[core]}>{core}</Badge>;
}
