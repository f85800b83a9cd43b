import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Quota } from '@/api/generated/types.gen';
import { count } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Page } from '@/ui/page';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { ErrorState } from '@/ui/states';
import { announce } from '@/ui/toast';
import { NameForm } from '../components/name-form';
import { OffersTable } from '../components/offers-table';
import { OrganizationsTable } from '../components/organizations-table';
import {
  useFoundOrganization,
  useLeaveOrganization,
  useOffers,
  useOrganizations,
  useQuotas,
  useRenameOrganization,
} from '../organizations';
import { meOptions } from '../queries';

/** Where somebody is a member, what invites them, and what they may do about both. */
export function OrganizationsPage() {
  const me = useQuery(meOptions()).data;
  const organizations = useOrganizations();
  return (
    <Page
      title="Organizations"
      lead="Each keeps its people, questions and results to itself. You work in one at a time."
    >
      <Offers />
      <Panel flush>
        <Resource query={organizations}>
          {({ items }) => <OrganizationsTable organizations={items} />}
        </Resource>
      </Panel>
      {me?.permissions.includes('organization:write') ? (
        <Renaming key={me.organization.name} name={me.organization.name} />
      ) : null}
      <Work />
      <Founding />
      {me ? <Leaving key={me.tenant_id} name={me.organization.name} /> : null}
    </Page>
  );
}

/** Only there when somebody invites. */
function Offers() {
  const offers = useOffers();
  if (!offers.data?.items.length) return null;
  return (
    <Panel title="Invitations to you" flush>
      <OffersTable offers={offers.data.items} />
    </Panel>
  );
}

function Renaming({ name }: { name: string }) {
  const rename = useRenameOrganization();
  return (
    <Panel
      title={`Rename ${name}`}
      caption="Every member sees the new name when their page is loaded next."
    >
      <NameForm
        label="New name"
        name={name}
        longest={120}
        autoComplete="organization"
        submit="Rename"
        busy={rename.isPending}
        problem={rename.error && toProblem(rename.error)}
        onSubmit={(written, done) =>
          rename.mutate(
            { body: { name: written } },
            {
              onSuccess: () => {
                done();
                announce(`The organization is called ${written} now.`);
              },
            },
          )
        }
      />
    </Panel>
  );
}

/** It cannot be undone, so it is confirmed at its place. */
function Leaving({ name }: { name: string }) {
  const [isAsked, setAsked] = useState(false);
  const leave = useLeaveOrganization();
  const problem = leave.error && toProblem(leave.error);
  return (
    <Panel
      title={`Leave ${name}`}
      caption="Ends your sign-ins, API keys and running work there, for good: coming back takes a new invitation. What you made stays."
    >
      <div className="grid justify-items-start gap-3">
        {problem ? <ErrorState problem={problem} /> : null}
        {isAsked ? (
          <span className="flex flex-wrap gap-2">
            <Button variant="danger" busy={leave.isPending} onClick={() => leave.mutate({})}>
              Leave for good
            </Button>
            <Button variant="quiet" onClick={() => setAsked(false)}>
              Stay
            </Button>
          </span>
        ) : (
          <Button variant="danger" onClick={() => setAsked(true)}>
            Leave the organization
          </Button>
        )}
      </div>
    </Panel>
  );
}

const QUOTAS: Record<Quota['name'], string> = {
  unfinished_tasks: 'Waiting or running',
  tasks_per_day: 'Queued today (UTC)',
};

/** Imports, questions, runs, plans: how much of them there is, and may be. */
function Work() {
  const quotas = useQuotas();
  return (
    <Panel
      title="Work"
      caption="Imports, questions, runs and plans of this organization. Whoever runs the server can allow more."
    >
      <Resource query={quotas}>
        {({ items }) => (
          <Facts
            items={items.map(({ name, used, limit }) => [
              QUOTAS[name],
              `${count(used)} of ${count(limit)}`,
            ])}
          />
        )}
      </Resource>
    </Panel>
  );
}

function Founding() {
  const found = useFoundOrganization();
  return (
    <Panel
      title="Found another"
      caption="You become its owner. It starts empty; nothing of this one is seen there."
    >
      <NameForm
        label="Name"
        name=""
        longest={120}
        autoComplete="off"
        submit="Found it"
        busy={found.isPending}
        problem={found.error && toProblem(found.error)}
        onSubmit={(written, done) =>
          found.mutate(
            { body: { name: written } },
            {
              onSuccess: () => {
                done();
                announce(`${written} is founded. Switch to it to work there.`);
              },
            },
          )
        }
      />
    </Panel>
  );
}
