import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

/** Expert settings, one click deeper. */
export function Disclosure({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  return (
    <details className="group">
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
