import { useQuery } from '@tanstack/react-query';
import type { Me } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Page } from '@/ui/page';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { announce } from '@/ui/toast';
import { NameForm } from '../components/name-form';
import { useAskToVerify, useUpdateOwnName } from '../profile';
import { meOptions } from '../queries';

/** Who somebody is to the others: their name, their address, their role. */
export function ProfilePage() {
  const me = useQuery(meOptions());
  return (
    <Page title="Profile" lead="How the other members of your organizations see you.">
      <Resource query={me}>
        {(known) => (
          <div className="grid gap-5">
            <Panel
              title="Your name"
              caption="Shown here and in organizations you join from now on."
            >
              <OwnName me={known} />
            </Panel>
            <Panel title="Your account">
              <Account me={known} />
            </Panel>
          </div>
        )}
      </Resource>
    </Page>
  );
}

function OwnName({ me }: { me: Me }) {
  const update = useUpdateOwnName();
  return (
    <NameForm
      label="Name"
      name={me.full_name}
      longest={200}
      optional
      autoComplete="name"
      submit="Save"
      busy={update.isPending}
      problem={update.error && toProblem(update.error)}
      onSubmit={(written) =>
        update.mutate(
          { body: { full_name: written } },
          { onSuccess: () => announce('Your name is saved.') },
        )
      }
    />
  );
}

function Account({ me }: { me: Me }) {
  return (
    <div className="grid gap-4">
      <Facts
        items={[
          [
            'Email',
            <span key="email" className="flex flex-wrap items-center gap-2">
              {me.email}
              {me.is_address_verified ? (
                <Badge tone="ok">verified</Badge>
              ) : (
                <Badge tone="warn">not verified</Badge>
              )}
            </span>,
          ],
          ['Organization', me.organization.name],
          ['Role', me.role],
        ]}
      />
      {me.is_address_verified ? null : <Verification />}
    </div>
  );
}

/** Until the address is verified, somebody else may claim it, and no invitation finds it. */
function Verification() {
  const ask = useAskToVerify();
  return (
    <div className="grid justify-items-start gap-2">
      <p className="max-w-prose text-control text-t2">
        {ask.isSuccess
          ? 'The mail is on its way. Open its link in this browser, within 7 days.'
          : 'Verify the address to make it yours and to see the invitations made to it.'}
      </p>
      {ask.isSuccess ? null : (
        <Button busy={ask.isPending} onClick={() => ask.mutate({}, { onError: complain })}>
          Mail me a link
        </Button>
      )}
    </div>
  );
}
