import { Check, CircleAlert, Copy, Lock, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { cx } from '@/lib/cx';
import type { ApiProblem } from '@/lib/problem';
import { Button, IconButton } from './button';
import { Skeleton, useDelayed } from './skeleton';

/** Nothing is here yet: one sentence and the one action that changes it. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <h2 className="text-section font-semibold">{title}</h2>
      {children ? <div className="max-w-md text-body text-t2">{children}</div> : null}
      {action ? <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}

/** The final shape, grey, after 200 ms. `children` replaces the plain rows. */
export function Loading({
  label = 'Loading',
  rows = 4,
  children,
}: {
  label?: string;
  rows?: number;
  children?: ReactNode;
}) {
  const isLate = useDelayed();
  return (
    <div role="status" className={cx('min-h-24', !isLate && 'invisible')}>
      <span className="sr-only">{label}</span>
      {children ?? (
        <div className="grid gap-3 p-4">
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
            <Skeleton key={row} className={cx('h-5', row % 3 === 2 ? 'w-1/2' : 'w-full')} />
          ))}
        </div>
      )}
    </div>
  );
}

/** Some of it is missing: what, and how much. */
export function Partial({ children }: { children: ReactNode }) {
  return (
    <div className="flex items-start gap-2.5 rounded-md border border-warn px-3 py-2 text-control text-t1">
      <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-warn" />
      <div className="min-w-0">{children}</div>
    </div>
  );
}

function RequestId({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(id).then(() => setCopied(true));
  return (
    <p className="flex items-center gap-1 text-caption text-t3">
      Request <code className="font-mono break-all select-all">{id}</code>
      <IconButton size="inline" label={copied ? 'Copied' : 'Copy the request id'} onClick={copy}>
        {copied ? <Check aria-hidden size={13} /> : <Copy aria-hidden size={13} />}
      </IconButton>
    </p>
  );
}

/** What went wrong, what to do, which request it was, and Retry where it can help. */
export function ErrorState({
  problem,
  onRetry,
  action,
}: {
  problem: ApiProblem;
  onRetry?: (() => void) | undefined;
  action?: ReactNode;
}) {
  if (problem.status === 403) return <Forbidden problem={problem} />;
  return (
    <div
      role="alert"
      className="grid justify-items-start gap-2 rounded-md border border-bad px-4 py-3"
    >
      <h2 className="flex items-center gap-2 text-body font-semibold">
        <CircleAlert aria-hidden size={16} className="shrink-0 text-bad" />
        {problem.title}
      </h2>
      <p className="max-w-prose text-body break-words text-t2">{problem.detail}</p>
      {problem.errors.length > 0 ? (
        <ul className="list-disc pl-5 text-control text-t2">
          {problem.errors.map((error) => (
            <li key={`${error.field} ${error.message}`}>
              <code className="font-mono">{error.field}</code>: {error.message}
            </li>
          ))}
        </ul>
      ) : null}
      {problem.request_id ? <RequestId id={problem.request_id} /> : null}
      {(onRetry && problem.retryable) || action ? (
        <div className="flex flex-wrap gap-2">
          {onRetry && problem.retryable ? (
            <Button size="small" onClick={onRetry}>
              Retry
            </Button>
          ) : null}
          {action}
        </div>
      ) : null}
    </div>
  );
}

/** Not for this person: which right is missing and who can give it. */
export function Forbidden({ problem }: { problem: ApiProblem }) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <Lock aria-hidden size={20} className="text-t3" />
      <h2 className="text-section font-semibold">{problem.title}</h2>
      <p className="max-w-md text-body text-t2">{problem.detail}</p>
      <p className="text-control text-t3">An owner or admin of your organization can grant it.</p>
      {problem.request_id ? <RequestId id={problem.request_id} /> : null}
    </div>
  );
}
