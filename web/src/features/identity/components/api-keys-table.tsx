import { useState } from 'react';
import type { ApiKey, ApiKeyCreated } from '@/api/generated/types.gen';
import { ago, dateTime, utc } from '@/lib/format';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { announce } from '@/ui/toast';
import { stateOf, useRevokeApiKey, useRotateApiKey } from '../api-keys';

interface ApiKeysTableProps {
  keys: readonly ApiKey[];
  onRotated: (created: ApiKeyCreated) => void;
}

/** Every key of the organization, the newest first, with what can be done about it. */
export function ApiKeysTable({ keys, onRotated }: ApiKeysTableProps) {
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      header: 'Name',
      cell: (key) => (
        <>
          <span className="text-t1">{key.name}</span>
          <code className="block font-mono text-caption text-t3">
            {key.prefix === null ? 'no secret' : `${key.prefix}…`}
          </code>
        </>
      ),
    },
    {
      key: 'scopes',
      header: 'May',
      cell: (key) => (
        <span className="font-mono text-caption text-t2">{key.scopes.join(', ')}</span>
      ),
    },
    { key: 'used', header: 'Last used', cell: (key) => <Moment iso={key.last_used_at} never /> },
    {
      key: 'ends',
      header: 'Ends',
      cell: (key) => {
        const state = stateOf(key);
        return state === 'active' ? <Moment iso={key.expires_at} /> : state;
      },
    },
    {
      key: 'actions',
      header: <span className="sr-only">Actions</span>,
      cell: (key) =>
        stateOf(key) === 'active' ? <Actions apiKey={key} onRotated={onRotated} /> : null,
    },
  ];
  return <DataTable caption="API keys" columns={columns} rows={keys} rowKey={(key) => key.id} />;
}

function Moment({ iso, never = false }: { iso: string | null; never?: boolean }) {
  if (iso === null) return never ? 'never' : '—';
  return (
    <time dateTime={iso} title={utc(iso)} className="whitespace-nowrap">
      {never ? ago(iso) : dateTime(iso)}
    </time>
  );
}

interface ActionsProps {
  apiKey: ApiKey;
  onRotated: (created: ApiKeyCreated) => void;
}

/** Neither can be undone, so each is confirmed at its place. */
function Actions({ apiKey: { id, name }, onRotated }: ActionsProps) {
  const [asked, setAsked] = useState<'rotate' | 'revoke' | null>(null);
  const rotate = useRotateApiKey();
  const revoke = useRevokeApiKey();
  const path = { key_id: id };
  const settled = { onError: complain, onSettled: () => setAsked(null) };
  const act = () =>
    asked === 'rotate'
      ? rotate.mutate({ path, body: {} }, { onSuccess: onRotated, ...settled })
      : revoke.mutate({ path }, { onSuccess: () => announce(`${name} is revoked.`), ...settled });
  if (asked) {
    return (
      <span className="flex flex-wrap justify-end gap-1">
        <Button
          size="small"
          variant="danger"
          busy={rotate.isPending || revoke.isPending}
          onClick={act}
        >
          {asked === 'rotate' ? 'End the old secret now' : 'Revoke for good'}
        </Button>
        <Button size="small" variant="quiet" onClick={() => setAsked(null)}>
          Keep it
        </Button>
      </span>
    );
  }
  return (
    <span className="flex justify-end gap-1">
      <Button size="small" aria-label={`Rotate ${name}`} onClick={() => setAsked('rotate')}>
        Rotate
      </Button>
      <Button size="small" aria-label={`Revoke ${name}`} onClick={() => setAsked('revoke')}>
        Revoke
      </Button>
    </span>
  );
}
