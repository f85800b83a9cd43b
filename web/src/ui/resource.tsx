import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { toProblem } from '@/lib/problem';
import { ErrorState, Loading } from './states';

interface ResourceProps<T> {
  query: UseQueryResult<T, unknown>;
  /** Placeholder in the shape of the content. */
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Loading, error or content of one query; old content stays while newer loads or fails. */
export function Resource<T>({ query, loading, children }: ResourceProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? (
          <div className="mb-4">
            <ErrorState problem={toProblem(query.error)} onRetry={() => void query.refetch()} />
          </div>
        ) : null}
        <div className={query.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
          {children(query.data)}
        </div>
      </>
    );
  }
  if (query.error) {
    return <ErrorState problem={toProblem(query.error)} onRetry={() => void query.refetch()} />;
  }
  return loading ?? <Loading />;
}
