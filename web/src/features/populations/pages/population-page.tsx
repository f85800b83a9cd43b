import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { buttonClass } from '@/ui/button';
import { Page } from '@/ui/page';
import { PopulationFlow } from '../components/population-flow';
import { populationOptions } from '../queries';

/** One population, wherever it stands between file and frozen. */
export function PopulationPage({ populationId }: { populationId: string }) {
  const population = useQuery(populationOptions(populationId));
  const isReady = population.data?.status === 'ready';
  return (
    <Page
      title={population.data?.name ?? 'Population'}
      actions={
        isReady ? (
          <Link
            to="/projects/new"
            search={{ step: 'goal', population: populationId }}
            className={buttonClass('primary')}
          >
            New project
          </Link>
        ) : undefined
      }
    >
      <PopulationFlow populationId={populationId} />
    </Page>
  );
}
