import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { cx } from '@/lib/cx';
import { type Draft, reachable, STEP_TITLES, STEPS } from '../draft';

/** Where one is on the way; finished steps are links back. */
export function Steps({ draft }: { draft: Draft }) {
  const furthest = STEPS.indexOf(reachable(draft));
  const current = STEPS.indexOf(draft.step);
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-1 sm:gap-2">
        {STEPS.map((step, index) => {
          const isDone = index < current;
          const look = cx(
            'flex min-h-9 items-center gap-2 border-b-2 py-1 text-control',
            index === current ? 'border-accent font-medium text-t1' : 'border-line text-t2',
          );
          const content = (
            <>
              <StepNumber number={index + 1} isDone={isDone} isCurrent={index === current} />
              <span className={cx(index !== current && 'max-sm:sr-only')}>{STEP_TITLES[step]}</span>
            </>
          );
          return (
            <li
              key={step}
              aria-current={index === current ? 'step' : undefined}
              className={index === current ? 'flex-[2] sm:flex-1' : 'flex-1'}
            >
              {index <= furthest && index !== current ? (
                <Link
                  to="/projects/new"
                  search={{ ...draft, step }}
                  className={cx(look, 'hover:border-edge hover:text-t1')}
                >
                  {content}
                </Link>
              ) : (
                <span className={look}>{content}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function StepNumber({
  number,
  isDone,
  isCurrent,
}: {
  number: number;
  isDone: boolean;
  isCurrent: boolean;
}) {
  return (
    <span
      aria-hidden
      className={cx(
        'grid size-5 shrink-0 place-items-center rounded-full border font-mono text-caption',
        isCurrent ? 'border-accent text-accent' : 'border-edge text-t3',
      )}
    >
      {isDone ? <Check size={11} /> : number}
    </span>
  );
}
