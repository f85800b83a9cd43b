import { useInfiniteQuery } from '@tanstack/react-query';
import type { Population } from '@/api/generated/types.gen';
import { FileDrop, PopulationFlow, populationListOptions } from '@/features/populations';
import { ago, counted } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Panel } from '@/ui/panel';
import { ErrorState, Loading } from '@/ui/states';
import { Status } from '@/ui/status';
import type { StepProps } from './goal-step';

/** A population that is there already, or a new one from a file. */
export function PeopleStep({ draft, errors, onChange }: StepProps) {
  if (draft.population) {
    return (
      <div className="grid gap-4">
        <Button
          size="small"
          className="justify-self-start"
          onClick={() => onChange({ population: undefined, alternative: undefined })}
        >
          Use other people
        </Button>
        <PopulationFlow populationId={draft.population} />
      </div>
    );
  }
  return (
    <div className="grid gap-5">
      {errors.population_id ? (
        <p role="alert" className="text-control text-bad">
          {errors.population_id}
        </p>
      ) : null}
      <FileDrop onUploaded={(population) => onChange({ population })} />
      <Existing onChoose={(population) => onChange({ population, alternative: undefined })} />
    </div>
  );
}

function Existing({ onChoose }: { onChoose: (populationId: string) => void }) {
  const list = useInfiniteQuery(populationListOptions());
  if (list.isPending) return <Loading label="Loading populations" rows={2} />;
  if (list.error) {
    return <ErrorState problem={toProblem(list.error)} onRetry={() => void list.refetch()} />;
  }
  const all = list.data.pages.flatMap((page) => page.items);
  // What failed is taken up again on its own page.
  const rows = all.filter(({ status }) => status !== 'failed');
  if (rows.length === 0) return null;
  return (
    <Panel title="Or use people who are here already" flush>
      <ul className="border-t border-line">
        {rows.map((population) => (
          <ExistingRow key={population.id} population={population} onChoose={onChoose} />
        ))}
      </ul>
      {list.hasNextPage ? (
        <div className="p-3 text-center">
          <Button size="small" onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function ExistingRow({
  population,
  onChoose,
}: {
  population: Population;
  onChoose: (populationId: string) => void;
}) {
  const { id, name, status, personas, created_at } = population;
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="truncate text-control font-medium">{name}</p>
        <p className="flex flex-wrap gap-x-3 text-caption text-t3">
          {personas == null ? null : <span>{counted(personas, 'persona', 'personas')}</span>}
          <span>{ago(created_at)}</span>
        </p>
      </div>
      <Status status={status} className="max-sm:hidden" />
      <Button size="small" onClick={() => onChoose(id)} aria-label={`Use ${name}`}>
        {status === 'ready' ? 'Use' : 'Continue'}
      </Button>
    </li>
  );
}
