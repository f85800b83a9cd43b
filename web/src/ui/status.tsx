import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, LoaderCircle } from 'lucide-react';
import { cx } from '@/lib/cx';

const LOOKS = {
  not_run: { icon: CircleDashed, word: 'not run', color: 'text-t3' },
  queued: { icon: CircleDashed, word: 'queued', color: 'text-t2' },
  uploaded: { icon: CircleDashed, word: 'not imported', color: 'text-t2' },
  compiling: { icon: LoaderCircle, word: 'compiling', color: 'text-accent' },
  importing: { icon: LoaderCircle, word: 'importing', color: 'text-accent' },
  running: { icon: LoaderCircle, word: 'running', color: 'text-accent' },
  needs_input: { icon: CircleAlert, word: 'needs your answer', color: 'text-warn' },
  explored: { icon: CircleCheck, word: 'explored', color: 'text-ok' },
  succeeded: { icon: CircleCheck, word: 'succeeded', color: 'text-ok' },
  ready: { icon: CircleCheck, word: 'ready', color: 'text-ok' },
  failed: { icon: CircleAlert, word: 'failed', color: 'text-bad' },
  cancelled: { icon: CircleSlash, word: 'cancelled', color: 'text-t2' },
} as const;

export type StatusName = keyof typeof LOOKS;

/** Never colour alone: an icon and a word. */
export function Status({ status, className }: { status: StatusName; className?: string }) {
  const { icon: Icon, word, color } = LOOKS[status];
  const isMoving = Icon === LoaderCircle;
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1.5 text-control whitespace-nowrap',
        color,
        className,
      )}
    >
      <Icon aria-hidden size={14} className={cx('shrink-0', isMoving && 'animate-breath')} />
      {word}
    </span>
  );
}
