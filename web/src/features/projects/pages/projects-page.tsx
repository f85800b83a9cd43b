import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { ProjectsTable } from '../components/projects-table';
import { projectListOptions } from '../queries';

/** All projects of the organization. */
export function ProjectsPage() {
  const list = useInfiniteQuery(projectListOptions());
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isEmpty = list.data !== undefined && rows.length === 0;
  return (
    <Page title="Projects" actions={isEmpty ? undefined : <NewProject />}>
      {list.error ? (
        <ErrorState problem={toProblem(list.error)} onRetry={() => void list.refetch()} />
      ) : null}
      {list.isPending || list.data ? (
        <Panel flush>
          {list.isPending ? <Loading label="Loading projects" rows={5} /> : null}
          {isEmpty ? (
            <Empty title="A project asks questions of one population" action={<NewProject />}>
              Bring people from a survey or customer file, run the world as it is, then ask what
              would change.
            </Empty>
          ) : null}
          {rows.length > 0 ? <ProjectsTable rows={rows} /> : null}
        </Panel>
      ) : null}
      <MoreButton list={list} />
    </Page>
  );
}

function NewProject() {
  return (
    <Link to="/projects/new" search={{ step: 'goal' }} className={buttonClass('primary')}>
      New project
    </Link>
  );
}
