import { useQuery } from '@tanstack/react-query';
import { populationOptions } from '@/features/populations';
import { count, counted, significant } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { behaviour, type Draft, toRequest } from '../draft';
import { templateOptions } from '../queries';
import { titleOf } from '../wording';

/** Everything that will be created, and what it means in runs. */
export function ReviewStep({ draft }: { draft: Draft }) {
  const query = useQuery(populationOptions(draft.population ?? ''));
  const template = useQuery(templateOptions());
  const request = toRequest(draft);
  return (
    <Resource query={query}>
      {(population) => {
        const alternatives = population.mapping?.alternatives ?? [];
        const outcome = request.outcome_alternative ?? population.mapping?.reference_alternative;
        const label =
          alternatives.find((item) => item.value === outcome)?.label ?? alternatives.at(-1)?.label;
        return (
          <div className="grid items-start gap-4 md:grid-cols-2">
            <Panel title="What will be created">
              <Facts
                items={[
                  ['Project', request.name],
                  ['Goal', request.goal || 'not stated'],
                  ['Population', population.name],
                  ['Personas', count(population.personas)],
                  ['Digest', <Digest key="digest" value={population.digest} />],
                  ['Outcome', `share of ${label}`],
                  ['Horizon', counted(request.horizon ?? 0, 'month', 'months')],
                  ['Replicates', count(request.replicates)],
                  [
                    'Seed',
                    <code key="seed" className="font-mono">
                      {request.seed}
                    </code>,
                  ],
                ]}
              />
            </Panel>
            <div className="grid gap-4">
              <Panel title="Behaviour">
                <Resource query={template}>
                  {(found) => (
                    <Facts
                      items={behaviour(found).map(({ name, default: standard, assumption }) => [
                        titleOf(name),
                        <span key={name} className="font-mono">
                          {significant(draft[name] ?? standard)}
                          <span className="font-sans text-t3">
                            {draft[name] === undefined ? ' default' : ' yours'}
                            {assumption ? ', assumption' : ''}
                          </span>
                        </span>,
                      ])}
                    />
                  )}
                </Resource>
              </Panel>
              <Panel title="What happens then">
                <p className="text-body text-t2">
                  Creating runs nothing and costs nothing. The first run is the baseline, started by
                  you: {counted(request.replicates ?? 0, 'replicate', 'replicates')} with the social
                  rules on and as many with them off. No language model is called.
                </p>
              </Panel>
            </div>
          </div>
        );
      }}
    </Resource>
  );
}
