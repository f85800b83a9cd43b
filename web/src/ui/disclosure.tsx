import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';

interface DisclosureProps {
  summary: ReactNode;
  /** Opens it, since something inside needs the reader. */
  forced?: boolean;
  children: ReactNode;
}

/** Expert settings, one click deeper. */
export function Disclosure({ summary, forced, children }: DisclosureProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (forced && details.current) details.current.open = true;
  }, [forced]);
  return (
    <details ref={details} className="group">
      <summary className="inline-flex min-h-7 list-none items-center gap-1.5 rounded-sm text-control font-medium text-t2 hover:text-t1 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          size={14}
          className="transition-transform duration-[120ms] group-open:rotate-90"
        />
        {summary}
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  );
}
