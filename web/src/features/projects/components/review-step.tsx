import { useQuery } from '@tanstack/react-query';
import type { PopulationDetail, RoleOffer } from '@/api/generated/types.gen';
import { populationOptions } from '@/features/populations';
import { parameterTitle, plainWords, sentenceCase, templatesOptions } from '@/features/runs';
import { count, counted, duration, setting } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { ErrorState } from '@/ui/states';
import {
  type Chosen,
  chosenOf,
  type Draft,
  domainOf,
  percent,
  startShares,
  toRequest,
  wholeShares,
} from '../draft';
import { rolesOptions } from '../queries';
import { alternativesOf, columnOf, takesState } from '../roles';
import { unknownDomain } from '../wording';

/** Everything that will be created, and what it means in runs. */
export function ReviewStep({ draft }: { draft: Draft }) {
  const population = useQuery(populationOptions(draft.population ?? ''));
  const templates = useQuery(templatesOptions());
  return (
    <Resource query={population}>
      {(people) => (
        <Resource query={templates}>
          {(found) => {
            const chosen = chosenOf(draft, found);
            if (!chosen) return <ErrorState problem={unknownDomain} />;
            return (
              <div className="grid items-start gap-4 md:grid-cols-2">
                <Created draft={draft} people={people} chosen={chosen} />
                <div className="grid gap-4">
                  <Behaviour draft={draft} chosen={chosen} />
                  <Panel title="What happens then">
                    <p className="text-body text-t2">
                      Creating runs nothing and costs nothing. The first run is the baseline,
                      started by you:{' '}
                      {counted(toRequest(draft).replicates ?? 0, 'replicate', 'replicates')} with
                      the social rules on and as many with them off. No language model is called.
                    </p>
                  </Panel>
                </div>
              </div>
            );
          }}
        </Resource>
      )}
    </Resource>
  );
}

interface CreatedProps {
  draft: Draft;
  people: PopulationDetail;
  chosen: Chosen;
}

function Created({ draft, people, chosen }: CreatedProps) {
  const offers = useQuery(rolesOptions(domainOf(draft), draft.population)).data ?? [];
  const request = toRequest(draft, chosen);
  const { template, variant } = chosen;
  return (
    <Panel title="What will be created">
      <Facts
        items={[
          ['Project', request.name],
          ['Goal', request.goal || 'not stated'],
          ['Population', people.name],
          ['Personas', count(people.personas)],
          ['Digest', <Digest key="digest" value={people.digest} />],
          ['Domain', template.label],
          ...template.options.map((option): [string, string] => [
            sentenceCase(option.label),
            option.choices.find(({ name }) => name === variant.options[option.name])?.label ?? '',
          ]),
          [
            'Outcome',
            `${outcomeLabel(draft, people, chosen, offers)}, share of ${shareOf(people, chosen)}`,
          ],
          ...offers.map((offer): [string, string] => [
            sentenceCase(offer.label),
            columnOf(offer, draft.roles) || 'assumed, no column',
          ]),
          ...(takesState(offers, draft.roles) ? [] : startFacts(draft, chosen)),
          ['Horizon', duration(request.horizon ?? 0, template.tick_unit)],
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
  );
}

function shareOf(people: PopulationDetail, { template, variant }: Chosen): string {
  const [metric = 'stock_share'] = variant.metrics;
  if (template.name !== 'consumer_choice') return 'people';
  const decision = people.mapping?.decision;
  const said = { flow_share: decision?.choices, stock_share: decision?.holders };
  return said[metric] ?? plainWords[metric];
}

function outcomeLabel(
  draft: Draft,
  people: PopulationDetail,
  { variant }: Chosen,
  offers: readonly RoleOffer[],
): string {
  const parties = alternativesOf(offers, draft);
  if (parties) {
    const shown = parties.find(({ name }) => name === draft.alternative) ?? parties[0];
    return shown?.label ?? '';
  }
  const surveyed = people.mapping?.alternatives ?? [];
  const outcome =
    draft.alternative ?? variant.outcome_alternative ?? people.mapping?.reference_alternative;
  return (
    variant.alternatives.find(({ name }) => name === outcome)?.label ??
    surveyed.find(({ value }) => value === outcome)?.label ??
    surveyed.at(-1)?.label ??
    ''
  );
}

function startFacts(draft: Draft, chosen: Chosen): [string, string][] {
  const standard = startShares(chosen);
  if (!standard) return [];
  const shares = wholeShares(draft.shares, standard);
  const told = chosen.variant.alternatives.map(
    ({ name, label }) => `${label} ${percent(shares[name] ?? 0)} %`,
  );
  return [['At the start', told.join(', ')]];
}

function Behaviour({ draft, chosen }: { draft: Draft; chosen: Chosen }) {
  const offers = useQuery(rolesOptions(domainOf(draft), draft.population)).data ?? [];
  const parties = alternativesOf(offers, draft);
  const parameters = chosen.variant.parameters.filter(
    ({ name }) => !(parties && name.startsWith('appeal.')),
  );
  return (
    <Panel title="Behaviour">
      <Facts
        items={parameters.map(({ name, default: standard, assumption }) => {
          const own = draft.parameters?.[name];
          return [
            parameterTitle(name),
            <span key={name} className="font-mono">
              {setting(own ?? standard)}
              <span className="font-sans text-t3">
                {own === undefined ? ' default' : ' yours'}
                {assumption ? ', assumption' : ''}
              </span>
            </span>,
          ];
        })}
      />
    </Panel>
  );
}
