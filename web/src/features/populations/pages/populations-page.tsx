import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { toProblem } from '@/lib/problem';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { FileDrop } from '../components/file-drop';
import { PopulationsTable } from '../components/populations-table';
import { populationListOptions } from '../queries';

/** All populations of the organization, and the way to a new one. */
export function PopulationsPage() {
  const list = useInfiniteQuery(populationListOptions());
  const navigate = useNavigate();
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (populationId: string) =>
    void navigate({ to: '/populations/$populationId', params: { populationId } });
  return (
    <Page
      title="Populations"
      lead="A population is a frozen set of personas drawn from real rows, with the network between them."
    >
      {list.error ? (
        <ErrorState problem={toProblem(list.error)} onRetry={() => void list.refetch()} />
      ) : null}
      <Panel flush>
        {list.isPending ? <Loading label="Loading populations" /> : null}
        {list.data && rows.length === 0 ? (
          <Empty title="No population yet">Add the first one from a file below.</Empty>
        ) : null}
        {rows.length > 0 ? <PopulationsTable rows={rows} /> : null}
      </Panel>
      <MoreButton list={list} />
      <h2 className="text-section font-semibold">Add a population</h2>
      <FileDrop onUploaded={open} />
    </Page>
  );
}
