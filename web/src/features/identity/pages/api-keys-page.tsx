import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKeyCreated } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { MoreButton } from '@/ui/more-button';
import { Page } from '@/ui/page';
import { Panel } from '@/ui/panel';
import { Empty, ErrorState, Loading } from '@/ui/states';
import { useApiKeys } from '../api-keys';
import { ApiKeyForm } from '../components/api-key-form';
import { ApiKeySecret } from '../components/api-key-secret';
import { ApiKeysTable } from '../components/api-keys-table';
import { meOptions } from '../queries';

/** Programs that act for the organization: their keys, what each may do, and how to end one. */
export function ApiKeysPage() {
  const me = useQuery(meOptions());
  const list = useApiKeys();
  const [created, setCreated] = useState<ApiKeyCreated | null>(null);
  const keys = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="API keys"
      lead="A key lets a program act for this organization, with the permissions that you give it."
    >
      {created ? (
        <ApiKeySecret key={created.key} created={created} onDone={() => setCreated(null)} />
      ) : null}
      {list.error ? (
        <ErrorState problem={toProblem(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <Panel flush>
          {list.isPending ? <Loading label="Loading API keys" /> : null}
          {list.data && keys.length === 0 ? (
            <Empty title="No key yet">Create the first one below.</Empty>
          ) : null}
          {keys.length > 0 ? <ApiKeysTable keys={keys} onRotated={setCreated} /> : null}
        </Panel>
      )}
      <MoreButton list={list} />
      {me.data?.permissions.includes('api_keys:write') ? (
        <Panel title="A new key">
          <ApiKeyForm permissions={me.data.permissions} onCreated={setCreated} />
        </Panel>
      ) : null}
    </Page>
  );
}
