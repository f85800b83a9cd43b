import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { PopulationDetail } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Resource } from '@/ui/resource';
import { ErrorState } from '@/ui/states';
import { lossToAccept } from '../mapping';
import { populationOptions } from '../queries';
import { FileReading } from './file-reading';
import { ImportProgress } from './import-progress';
import { Inspection } from './inspection';
import { LossTable } from './loss-table';
import { MappingForm } from './mapping-form';
import { PopulationReport } from './population-report';

interface PopulationFlowProps {
  populationId: string;
  /** What can be done once it is ready. */
  whenReady?: ReactNode;
}

/** Leaving people out is a question; everything else that ended an import is an error. */
function WhyNotReady({ population }: { population: PopulationDetail }) {
  const loss = lossToAccept(population);
  if (loss) return <LossTable loss={loss} />;
  return population.problem ? <ErrorState problem={toProblem(population.problem)} /> : null;
}

/** From file to frozen population: what comes next follows from the state the server stored. */
export function PopulationFlow({ populationId, whenReady }: PopulationFlowProps) {
  const query = useQuery(populationOptions(populationId));
  return (
    <Resource query={query}>
      {(population) => {
        if (population.status === 'importing') return <ImportProgress population={population} />;
        if (population.status === 'ready') {
          return (
            <div className="grid gap-4">
              {whenReady}
              <PopulationReport population={population} />
            </div>
          );
        }
        return (
          <div className="grid gap-4">
            <WhyNotReady population={population} />
            <FileReading population={population} />
            <Inspection population={population} />
            <MappingForm key={JSON.stringify(population.reading)} population={population} />
          </div>
        );
      }}
    </Resource>
  );
}
