import { Link } from '@tanstack/react-router';

const linkClass =
  'inline-flex min-h-8 items-center rounded-md px-2.5 text-control text-t2 hover:bg-s3 hover:text-t1 aria-[current=page]:bg-s3 aria-[current=page]:text-t1';

/** The pages of one project. */
export function ProjectNav({ projectId }: { projectId: string }) {
  return (
    <nav aria-label="Project" className="flex gap-0.5">
      <Link
        to="/projects/$projectId/universe"
        params={{ projectId }}
        search={{}}
        className={linkClass}
      >
        Universe
      </Link>
      <Link
        to="/projects/$projectId/plans"
        params={{ projectId }}
        search={{}}
        className={linkClass}
      >
        Plans
      </Link>
      <Link to="/projects/$projectId/runs" params={{ projectId }} className={linkClass}>
        Runs
      </Link>
    </nav>
  );
}
