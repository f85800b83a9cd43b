import { useState } from 'react';
import type { Profile, ProfileKeyView } from '@/api/generated/types.gen';
import { Button } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { Sheet } from '@/ui/dialog';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { useLLMProfiles, useStandardProfileKeys } from '../queries';
import { ProfileForm } from './profile-form';
import { ProfileTest } from './profile-test';

/** What each question goes to; the organization may have a form of its own of each profile. */
export function ProfilesPanel() {
  const keys = useStandardProfileKeys();
  const own = useLLMProfiles();
  const [open, setOpen] = useState<ProfileKeyView | null>(null);
  return (
    <Panel
      title="Profiles"
      caption="An edit holds from the next call on, in this organization only"
      flush
    >
      <Resource query={keys}>
        {({ items }) => (
          <DataTable
            caption="Profiles"
            columns={columns(setOpen)}
            rows={items}
            rowKey={({ profile_key }) => profile_key}
          />
        )}
      </Resource>
      {open && own.data ? (
        <Sheet open onOpenChange={(is) => !is && setOpen(null)} title={open.profile_key}>
          <div className="grid gap-6">
            <ProfileForm
              profile={open}
              own={formOf(own.data.items, open.profile_key)}
              onDone={() => setOpen(null)}
            />
            <ProfileTest profileKey={open.profile_key} />
          </div>
        </Sheet>
      ) : null}
    </Panel>
  );
}

/** The organization's own form for all projects; those of single projects are the API's. */
function formOf(profiles: readonly Profile[], key: string): Profile | null {
  return profiles.find((one) => one.profile_key === key && one.project_id === null) ?? null;
}

function columns(onOpen: (profile: ProfileKeyView) => void): Column<ProfileKeyView>[] {
  return [
    {
      key: 'key',
      header: 'Profile',
      cell: ({ profile_key }) => <code className="font-mono">{profile_key}</code>,
    },
    {
      key: 'model',
      header: 'Model',
      cell: ({ model }) => model ?? 'the installation’s own',
    },
    {
      key: 'form',
      header: 'Form',
      cell: ({ is_overridden: own, version }) =>
        `${own ? 'own' : 'of the installation'}, version ${version}`,
    },
    {
      key: 'open',
      header: <span className="sr-only">Edit and test</span>,
      cell: (profile) => (
        <Button
          size="small"
          aria-label={`Edit and test ${profile.profile_key}`}
          onClick={() => onOpen(profile)}
        >
          Edit and test
        </Button>
      ),
    },
  ];
}
