import { Link } from '@tanstack/react-router';
import { sentenceCase } from '@/features/runs';

const pages = ['universe', 'plans', 'actors', 'runs'] as const;

/** The pages of one project. */
export function ProjectNav({ projectId }: { projectId: string }) {
  return (
    <nav aria-label="Project" className="flex gap-0.5">
      {pages.map((page) => (
        <Link
          key={page}
          to={`/projects/$projectId/${page}`}
          params={{ projectId }}
          search={{}}
          className="inline-flex min-h-8 items-center rounded-md px-2.5 text-control text-t2 hover:bg-s3 hover:text-t1 aria-[current=page]:bg-s3 aria-[current=page]:text-t1"
        >
          {sentenceCase(page)}
        </Link>
      ))}
    </nav>
  );
}
