import { type FormEvent, useState } from 'react';
import type { SecondFactors, TotpSetup } from '@/api/generated/types.gen';
import { dateTime } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Field, Input } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { ErrorState } from '@/ui/states';
import { announce } from '@/ui/toast';
import {
  qrPath,
  useBeginTotp,
  useConfirmTotp,
  useRemoveTotp,
  useRenewRecoveryCodes,
} from '../second-factors';
import { CodeField } from './code-field';
import { ShownOnce } from './shown-once';

/** Setting up, renewing and removing the second factor. */
export function TotpPanel({ factors }: { factors: SecondFactors }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <Codes codes={codes} onDone={() => setCodes(null)} />;
  const { totp_since: since } = factors;
  return (
    <Panel
      title="Second factor"
      caption="Beside the password, signing in takes a code of an app on your phone. Whoever learns the password alone stays out."
    >
      {since ? (
        <InForce since={since} left={factors.recovery_codes_left} onCodes={setCodes} />
      ) : (
        <SetUp onCodes={setCodes} />
      )}
    </Panel>
  );
}

type OnCodes = (codes: string[]) => void;

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <ShownOnce
      label="Recovery codes"
      title="Keep these recovery codes"
      secret={codes.join('\n')}
      copied="The recovery codes are copied."
      onDone={onDone}
    >
      Each signs you in once when the app is not at hand. They are shown this once; without app and
      codes nobody can let you in.
    </ShownOnce>
  );
}

function SetUp({ onCodes }: { onCodes: OnCodes }) {
  const begin = useBeginTotp();
  const problem = begin.error && toProblem(begin.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const current_password = String(new FormData(event.currentTarget).get('current'));
    begin.mutate({ body: { current_password } });
  };
  if (begin.data) return <Confirm setup={begin.data} onCodes={onCodes} onStop={begin.reset} />;
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-4">
      <PasswordField />
      {problem ? <ErrorState problem={problem} /> : null}
      <Button type="submit" className="justify-self-start" busy={begin.isPending}>
        Set up an app
      </Button>
    </form>
  );
}

interface ConfirmProps {
  setup: TotpSetup;
  onCodes: OnCodes;
  onStop: () => void;
}

function Confirm({ setup, onCodes, onStop }: ConfirmProps) {
  const confirm = useConfirmTotp();
  const problem = confirm.error && toProblem(confirm.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code'));
    confirm.mutate({ body: { code } }, { onSuccess: ({ codes }) => onCodes(codes) });
  };
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-4">
      <p className="text-control text-t2">
        Scan this with an authenticator app, or type the key into it. Then type the code it shows.
      </p>
      <QrCode text={setup.address} />
      <code className="font-mono text-control break-all select-all">{setup.secret}</code>
      <CodeField orRecovery={false} />
      {problem ? <ErrorState problem={problem} /> : null}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={confirm.isPending}>
          Put it in force
        </Button>
        <Button variant="quiet" onClick={onStop}>
          Not now
        </Button>
      </span>
    </form>
  );
}

/** Black on white in both themes: some apps read no other. */
function QrCode({ text }: { text: string }) {
  const { path, size } = qrPath(text);
  return (
    <svg
      role="img"
      aria-label="QR code of the key below"
      viewBox={`0 0 ${size} ${size}`}
      className="size-48 rounded-md"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="white" />
      <path d={path} fill="black" />
    </svg>
  );
}

interface InForceProps {
  since: string;
  left: number;
  onCodes: OnCodes;
}

function InForce({ since, left, onCodes }: InForceProps) {
  const [isRemoving, setRemoving] = useState(false);
  return (
    <div className="grid gap-4">
      <p className="flex flex-wrap items-center gap-2 text-control text-t2">
        <Badge tone="ok">in force</Badge>
        An authenticator app since {dateTime(since)}.{' '}
        {left === 1 ? 'One recovery code is' : `${left} recovery codes are`} left.
      </p>
      {isRemoving ? (
        <Removal onStop={() => setRemoving(false)} />
      ) : (
        <Renewal onCodes={onCodes} onRemove={() => setRemoving(true)} />
      )}
    </div>
  );
}

function Renewal({ onCodes, onRemove }: { onCodes: OnCodes; onRemove: () => void }) {
  const renew = useRenewRecoveryCodes();
  const problem = renew.error && toProblem(renew.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code'));
    renew.mutate({ body: { code } }, { onSuccess: ({ codes }) => onCodes(codes) });
  };
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-4">
      <CodeField />
      {problem ? <ErrorState problem={problem} /> : null}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" busy={renew.isPending}>
          Show new recovery codes
        </Button>
        <Button variant="danger" onClick={onRemove}>
          Remove the app
        </Button>
      </span>
    </form>
  );
}

function Removal({ onStop }: { onStop: () => void }) {
  const remove = useRemoveTotp();
  const problem = remove.error && toProblem(remove.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const read = new FormData(event.currentTarget);
    const body = { current_password: String(read.get('current')), code: String(read.get('code')) };
    remove.mutate(
      { body },
      { onSuccess: () => announce('The password alone signs you in again.') },
    );
  };
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-4">
      <PasswordField />
      <CodeField />
      {problem ? <ErrorState problem={problem} /> : null}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" variant="danger" busy={remove.isPending}>
          Remove the second factor
        </Button>
        <Button variant="quiet" onClick={onStop}>
          Keep it
        </Button>
      </span>
    </form>
  );
}

function PasswordField() {
  return (
    <Field label="Your password">
      <Input name="current" type="password" autoComplete="current-password" required />
    </Field>
  );
}
