import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { buttonClass } from '@/ui/button';
import { Page } from '@/ui/page';
import { PopulationFlow } from '../components/population-flow';
import { PopulationUpkeep } from '../components/population-upkeep';
import { populationOptions } from '../queries';

/** One population, wherever it stands between file and frozen. */
export function PopulationPage({ populationId }: { populationId: string }) {
  const population = useQuery(populationOptions(populationId));
  const navigate = useNavigate();
  const isReady = population.data?.status === 'ready';
  return (
    <Page
      title={population.data?.name ?? 'Population'}
      actions={
        <>
          {population.data ? (
            <PopulationUpkeep
              population={population.data}
              onDeleted={() => void navigate({ to: '/populations' })}
            />
          ) : null}
          {isReady ? (
            <Link
              to="/projects/new"
              search={{ step: 'goal', population: populationId }}
              className={buttonClass('primary')}
            >
              New project
            </Link>
          ) : null}
        </>
      }
    >
      <PopulationFlow populationId={populationId} />
    </Page>
  );
}
