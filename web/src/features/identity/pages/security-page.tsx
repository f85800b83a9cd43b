import { useState } from 'react';
import type { SignInSession } from '@/api/generated/types.gen';
import { ago, dateTime, utc } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { announce } from '@/ui/toast';
import { PasswordChange } from '../components/password-change';
import { TotpPanel } from '../components/totp-panel';
import { useSecondFactors } from '../second-factors';
import { deviceName, useEndSession, useLogoutEverywhere, useSessions } from '../sessions';
import { useLeave } from '../use-leave';

/** Where somebody is signed in, and the way to end it, one by one or everywhere. */
export function SecurityPage() {
  const sessions = useSessions();
  const factors = useSecondFactors();
  return (
    <Page
      title="Security"
      lead="Every device that is signed in with your account, in any of your organizations, your password and what signing in takes beside it."
    >
      <Panel title="Signed-in devices" flush actions={<SignOutEverywhere />}>
        <Resource query={sessions}>
          {({ items }) => (
            <DataTable
              caption="Devices, newest sign-in first"
              columns={columns}
              rows={items}
              rowKey={(session) => session.id}
            />
          )}
        </Resource>
      </Panel>
      <Panel title="Your password" caption="Changing it ends every other sign-in of yours.">
        <PasswordChange onChanged={() => void sessions.refetch()} />
      </Panel>
      <Resource query={factors}>{(known) => <TotpPanel factors={known} />}</Resource>
    </Page>
  );
}

const columns: Column<SignInSession>[] = [
  {
    key: 'device',
    header: 'Device',
    cell: (session) => (
      <>
        <span className="flex flex-wrap items-center gap-2 text-t1">
          <span title={session.agent ?? undefined}>{deviceName(session.agent)}</span>
          {session.is_current ? <Badge tone="accent">this one</Badge> : null}
        </span>
        <span className="block font-mono text-caption text-t3">
          {session.address ?? 'address unknown'}
        </span>
      </>
    ),
  },
  { key: 'organization', header: 'Organization', cell: (session) => session.organization },
  {
    key: 'seen',
    header: 'Last seen',
    cell: ({ refreshed_at: at }) => (
      <time dateTime={at} title={utc(at)} className="whitespace-nowrap">
        {ago(at)}
      </time>
    ),
  },
  {
    key: 'since',
    header: 'Signed in',
    cell: ({ created_at: at }) => (
      <time dateTime={at} title={utc(at)} className="whitespace-nowrap">
        {dateTime(at)}
      </time>
    ),
  },
  {
    key: 'end',
    header: <span className="sr-only">End</span>,
    cell: (session) => (session.is_current ? null : <EndSession session={session} />),
  },
];

function EndSession({ session: { id, agent } }: { session: SignInSession }) {
  const end = useEndSession();
  const name = deviceName(agent);
  return (
    <span className="flex justify-end">
      <Button
        size="small"
        aria-label={`Sign out ${name}`}
        busy={end.isPending}
        onClick={() =>
          end.mutate(
            { path: { session_id: id } },
            { onSuccess: () => announce(`${name} is signed out.`), onError: complain },
          )
        }
      >
        Sign out
      </Button>
    </span>
  );
}

/** Ends this sign-in too, so it is confirmed at its place. */
function SignOutEverywhere() {
  const [isAsked, setAsked] = useState(false);
  const everywhere = useLogoutEverywhere();
  const leave = useLeave();
  if (!isAsked) {
    return (
      <Button size="small" onClick={() => setAsked(true)}>
        Sign out everywhere
      </Button>
    );
  }
  return (
    <>
      <Button
        size="small"
        variant="danger"
        busy={everywhere.isPending}
        onClick={() => everywhere.mutate({}, { onSuccess: () => void leave(), onError: complain })}
      >
        End all of them, this one too
      </Button>
      <Button size="small" variant="quiet" onClick={() => setAsked(false)}>
        Stay signed in
      </Button>
    </>
  );
}
