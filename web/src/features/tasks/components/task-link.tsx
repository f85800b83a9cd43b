import { Link } from '@tanstack/react-router';
import type { Task } from '@/api/generated/types.gen';

interface TaskLinkProps {
  task: Task;
  onFollow: () => void;
}

const look = 'text-t1 underline-offset-4 hover:text-accent hover:underline';

/** The title of the work, leading to where its subject is shown; where there is no such page, as text. */
export function TaskLink({ task: { subject, project_id: projectId }, onFollow }: TaskLinkProps) {
  const { type, id, title } = subject;
  if (type === 'population') {
    return (
      <Link
        to="/populations/$populationId"
        params={{ populationId: id }}
        onClick={onFollow}
        className={look}
      >
        {title}
      </Link>
    );
  }
  if (type === 'run') {
    return (
      <Link to="/runs/$runId" params={{ runId: id }} onClick={onFollow} className={look}>
        {title}
      </Link>
    );
  }
  if (projectId === null) return <span className="text-t1">{title}</span>;
  const page = projectPages[type] ?? { to: '/projects/$projectId/universe', search: () => ({}) };
  return (
    <Link
      to={page.to}
      params={{ projectId }}
      search={page.search(id)}
      onClick={onFollow}
      className={look}
    >
      {title}
    </Link>
  );
}

interface ProjectPage {
  to:
    | '/projects/$projectId/plans'
    | '/projects/$projectId/actors'
    | '/projects/$projectId/universe';
  search: (id: string) => { plan?: string; run?: string };
}

const projectPages: { [type: string]: ProjectPage } = {
  plan: { to: '/projects/$projectId/plans', search: (plan) => ({ plan }) },
  hybrid: { to: '/projects/$projectId/actors', search: (run) => ({ run }) },
};
