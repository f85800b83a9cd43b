import type { Project } from '@/api/generated/types.gen';

/**
 * What a reader must know before any number: in red, with the reason and the way out. That people
 * move by the rules alone is no fault, so it is told without alarm.
 */
export function Notices({ notices }: { notices: Project['notices'] }) {
  return notices.map((notice) => {
    const calm = notice.kind === 'start_drift';
    return (
      <p
        key={notice.kind}
        role={calm ? 'note' : 'alert'}
        className={`rounded-md border px-3 py-2 text-control ${calm ? 'border-line' : 'border-bad text-bad'}`}
      >
        {notice.message}
      </p>
    );
  });
}
