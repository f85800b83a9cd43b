import { useState } from 'react';
import type { PopulationDetail } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { announce } from '@/ui/toast';
import { Upkeep } from '@/ui/upkeep';
import { useDeletePopulation, useUpdatePopulation } from '../queries';

interface PopulationUpkeepProps {
  population: PopulationDetail;
  onDeleted: () => void;
}

/** Its name, its tags, its end; refused while a project uses it, which the refusal names. */
export function PopulationUpkeep({ population, onDeleted }: PopulationUpkeepProps) {
  const [isOpen, setOpen] = useState(false);
  const update = useUpdatePopulation();
  const remove = useDeletePopulation();
  const path = { population_id: population.id };
  const error = update.error ?? remove.error;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Edit</Button>
      <Upkeep
        noun="population"
        name={population.name}
        tags={population.tags ?? []}
        open={isOpen}
        onOpenChange={setOpen}
        busy={update.isPending || remove.isPending}
        problem={error ? toProblem(error) : null}
        loses="Its file, its personas and its report are deleted with it."
        onSave={(body) =>
          update.mutate(
            { path, body },
            {
              onSuccess: () => {
                setOpen(false);
                announce('Saved');
              },
            },
          )
        }
        onDelete={() => remove.mutate({ path }, { onSuccess: onDeleted })}
      />
    </>
  );
}
