import type { Project } from '@/api/generated/types.gen';

/** What a reader must know before any number: in red, with the reason and the way out. */
export function Notices({ notices }: { notices: Project['notices'] }) {
  return notices.map((notice) => (
    <p
      key={notice.kind}
      role="alert"
      className="rounded-md border border-bad px-3 py-2 text-control text-bad"
    >
      {notice.message}
    </p>
  ));
}
