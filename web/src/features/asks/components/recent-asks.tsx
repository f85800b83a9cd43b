import type { Ask } from '@/api/generated/types.gen';
import { ago, utc } from '@/lib/format';
import { Status } from '@/ui/status';

interface RecentAsksProps {
  asks: readonly Ask[];
  onOpen: (ask: Ask) => void;
}

/** Questions asked before, newest first: open the answer, or pick up where one stopped. */
export function RecentAsks({ asks, onOpen }: RecentAsksProps) {
  return (
    <ul aria-label="Recent questions" className="grid">
      {asks.map((ask) => (
        <li key={ask.id} className="border-t border-line first:border-t-0">
          <button
            type="button"
            onClick={() => onOpen(ask)}
            className="flex min-h-9 w-full flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-1.5 text-left text-control -outline-offset-2 hover:bg-s2"
          >
            <span className="min-w-0 flex-1 basis-64 text-t1">{ask.question}</span>
            <Status status={ask.status} />
            <time
              dateTime={ask.created_at}
              title={utc(ask.created_at)}
              className="text-caption text-t3"
            >
              {ago(ask.created_at)}
            </time>
          </button>
        </li>
      ))}
    </ul>
  );
}
