import { useEffect } from 'react';
import type { PopulationDetail } from '@/api/generated/types.gen';
import { count } from '@/lib/format';
import { Panel } from '@/ui/panel';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { announce } from '@/ui/toast';

/** The stage the server is at; the page may be left and found again. */
export function ImportProgress({ population }: { population: PopulationDetail }) {
  const { stage } = population;
  const name = stage?.name ?? 'Waiting for a worker';
  useEffect(() => announce(`Import: ${name}`), [name]);
  return (
    <Panel title={`Importing ${population.file_name}`} actions={<Status status="importing" />}>
      <div className="grid gap-2">
        <p className="flex flex-wrap justify-between gap-x-4 text-body">
          <span className="first-letter:uppercase">{name}</span>
          {stage && stage.total > 0 ? (
            <span className="font-mono text-control text-t2">
              {count(stage.done)} of {count(stage.total)}
            </span>
          ) : null}
        </p>
        <Progress value={stage?.done ?? 0} max={stage?.total || 1} label={`Import: ${name}`} />
        <p className="text-control text-t3">
          You may leave this page: the import goes on, and its address brings you back here.
        </p>
      </div>
    </Panel>
  );
}
