import { type FormEvent, useState } from 'react';
import type { ApiKeyCreated } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Checkbox, Field, Input, NumberInput } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { useCreateApiKey } from '../api-keys';

interface ApiKeyFormProps {
  /** What the maker may do; a key can do no more. */
  permissions: readonly string[];
  onCreated: (created: ApiKeyCreated) => void;
}

/** A new key: what it is for, what it may do, how long. */
export function ApiKeyForm({ permissions, onCreated }: ApiKeyFormProps) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set());
  const create = useCreateApiKey();
  const problem = create.error && toProblem(create.error);
  const isReady = name.trim() !== '' && scopes.size > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), scopes: [...scopes], expires_in_days: Number(days) };
    create.mutate(
      { body },
      {
        onSuccess: (created) => {
          setName('');
          setScopes(new Set());
          onCreated(created);
        },
      },
    );
  };
  const choose = (scope: string, isChosen: boolean) => {
    const next = new Set(scopes);
    if (isChosen) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_10rem]">
        <Field label="Name" hint="What will use it." error={problem?.field('name')}>
          <Input
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label="Expires in" hint="A year at most." error={problem?.field('expires_in_days')}>
          <NumberInput
            unit="days"
            min={1}
            max={365}
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
        </Field>
      </div>
      <fieldset>
        <legend className="mb-1 text-control font-medium text-t2">It may</legend>
        <div className="grid grid-cols-2 gap-x-4 sm:grid-cols-3 md:grid-cols-4">
          {[...permissions].sort().map((permission) => (
            <Checkbox
              key={permission}
              label={<code className="font-mono text-caption break-all">{permission}</code>}
              checked={scopes.has(permission)}
              onChange={(event) => choose(permission, event.currentTarget.checked)}
            />
          ))}
        </div>
      </fieldset>
      {problem ? <ErrorState problem={problem} /> : null}
      <Button
        type="submit"
        variant="primary"
        className="justify-self-start"
        busy={create.isPending}
        disabled={!isReady}
      >
        Create key
      </Button>
    </form>
  );
}
