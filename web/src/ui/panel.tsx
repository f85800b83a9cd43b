import { type ReactNode, useId } from 'react';
import { cx } from '@/lib/cx';

interface PanelProps {
  title?: ReactNode;
  /** One line under the title. */
  caption?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Tables and maps reach the border. */
  flush?: boolean;
}

/** A quiet surface with a heading; every page is made of these. */
export function Panel({ title, caption, actions, children, className, flush = false }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx('min-w-0 rounded-lg border border-line bg-s1', className)}
    >
      {title ? (
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-3">
          <div className="min-w-0">
            <h2 id={id} className="text-section font-semibold">
              {title}
            </h2>
            {caption ? (
              <p className="text-control text-t3 first-letter:uppercase">{caption}</p>
            ) : null}
          </div>
          {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
        </header>
      ) : null}
      <div className={flush ? 'overflow-hidden rounded-b-lg' : cx('px-4 pb-4', !title && 'pt-4')}>
        {children}
      </div>
    </section>
  );
}

/** Name and value pairs in two aligned columns; a long name wraps at half the width. */
export function Facts({ items }: { items: ReadonlyArray<[name: ReactNode, value: ReactNode]> }) {
  return (
    <dl className="grid grid-cols-[fit-content(50%)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-control">
      {items.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed per rendering and names may be elements
        <div key={index} className="contents">
          <dt className="min-w-28 text-t3">{name}</dt>
          <dd className="min-w-0 break-words text-t1">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
