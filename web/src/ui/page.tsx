import { type ReactNode, useEffect } from 'react';
import { cx } from '@/lib/cx';

interface PageProps {
  title: string;
  /** Shown instead of the title when it is more than text. */
  heading?: ReactNode;
  lead?: ReactNode;
  /** Where the page lies, above its title. */
  trail?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Maps and replays use the whole width. */
  wide?: boolean;
}

/** One h1, its actions, then the content; also names the browser tab. */
export function Page(props: PageProps) {
  const { title, heading, lead, trail, actions, children, wide = false } = props;
  useEffect(() => {
    document.title = `${title} · AgentVerse`;
  }, [title]);
  return (
    <div className={cx('mx-auto grid w-full gap-5 px-4 py-6 sm:px-6', !wide && 'max-w-6xl')}>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1">
          {trail}
          <h1 className="text-title font-semibold tracking-[-0.01em] break-words">
            {heading ?? title}
          </h1>
          {lead ? <p className="max-w-prose text-body text-t2">{lead}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}
