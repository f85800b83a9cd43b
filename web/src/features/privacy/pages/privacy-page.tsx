import { useQuery } from '@tanstack/react-query';
import type { Me } from '@/api/generated/types.gen';
import { meOptions, useLeave } from '@/features/identity';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Field, Input } from '@/ui/field';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { announce } from '@/ui/toast';
import { CategoriesTable } from '../components/categories-table';
import { ConfirmedDeletion } from '../components/confirmed-deletion';
import { RequestsTable } from '../components/requests-table';
import {
  useDataCategories,
  useDeleteOrganization,
  useDeleteOwnData,
  useExportOrganization,
  useExportOwnData,
  usePrivacyRequests,
} from '../queries';

/** What is kept, the way to take it along, and the way to have it erased. */
export function PrivacyPage() {
  const me = useQuery(meOptions()).data;
  const categories = useDataCategories();
  return (
    <Page
      title="Privacy"
      lead="What is kept of you and of your organization, the way to take it along, and the way to have it erased."
    >
      <Exports isOwner={me?.permissions.includes('privacy:write') ?? false} />
      <Panel
        title="What is kept"
        caption="The same list that exports and deletions follow. The audit keeps who did what, by ids, so that nobody can change the past; its words are erased."
        flush
      >
        <Resource query={categories}>
          {({ items }) => <CategoriesTable categories={items} />}
        </Resource>
      </Panel>
      <OwnDeletion />
      {me?.permissions.includes('organization:delete') ? <OrganizationDeletion me={me} /> : null}
    </Page>
  );
}

function Exports({ isOwner }: { isOwner: boolean }) {
  const requests = usePrivacyRequests();
  const own = useExportOwnData();
  const all = useExportOrganization();
  const said = {
    onSuccess: () => announce('The export is being written.'),
    onError: complain,
  };
  return (
    <Panel
      title="Exports"
      caption="A zip with one JSON line for each row, and the files. It can be taken for a week."
      flush
      actions={
        <>
          <Button size="small" busy={own.isPending} onClick={() => own.mutate({}, said)}>
            Export what is kept of me
          </Button>
          {isOwner ? (
            <Button size="small" busy={all.isPending} onClick={() => all.mutate({}, said)}>
              Export the organization
            </Button>
          ) : null}
        </>
      }
    >
      <Resource query={requests}>
        {({ items }) =>
          items.length ? (
            <RequestsTable requests={items} />
          ) : (
            <p className="px-4 pb-4 text-control text-t3">Nothing was asked for yet.</p>
          )
        }
      </Resource>
    </Panel>
  );
}

function OwnDeletion() {
  const remove = useDeleteOwnData(useLeave());
  return (
    <Panel
      title="Delete what is kept of you"
      caption="You leave every organization; your name, addresses and words are erased everywhere. What you made stays theirs."
    >
      <ConfirmedDeletion
        ask="Delete my account"
        act="Delete it for good"
        busy={remove.isPending}
        problem={remove.error && toProblem(remove.error)}
        onConfirmed={(current_password) => remove.mutate({ body: { current_password } })}
      >
        <Field label="Your password">
          <Input name="sure" type="password" autoComplete="current-password" required />
        </Field>
      </ConfirmedDeletion>
    </Panel>
  );
}

function OrganizationDeletion({ me }: { me: Me }) {
  const remove = useDeleteOrganization(useLeave());
  const { name } = me.organization;
  return (
    <Panel
      title={`Delete ${name}`}
      caption="Ends all of its work, then erases its projects, files, runs and members. Nobody can bring it back."
    >
      <ConfirmedDeletion
        ask="Delete the organization"
        act={`Delete ${name} for good`}
        busy={remove.isPending}
        problem={remove.error && toProblem(remove.error)}
        onConfirmed={(sure) => remove.mutate({ body: { name: sure } })}
      >
        <Field label={`The name of the organization, ${name}, to be sure`}>
          <Input name="sure" autoComplete="off" required />
        </Field>
      </ConfirmedDeletion>
    </Panel>
  );
}
