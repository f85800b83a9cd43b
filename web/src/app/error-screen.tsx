import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { toProblem } from '@/lib/problem';
import { buttonClass } from '@/ui/button';
import { Page } from '@/ui/page';
import { Empty, ErrorState } from '@/ui/states';

/** A page that could not be shown at all; header and navigation stay. */
export function ErrorScreen({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const problem = toProblem(error);
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title={problem.title}>
      <ErrorState
        problem={problem}
        onRetry={retry}
        action={
          <Link to="/projects" className={buttonClass('secondary', 'small')}>
            All projects
          </Link>
        }
      />
    </Page>
  );
}

export function NotFoundScreen() {
  return (
    <Page title="Nothing is at this address">
      <Empty
        title="The page may have been renamed, or the link is incomplete"
        action={
          <Link to="/projects" className={buttonClass('primary')}>
            All projects
          </Link>
        }
      />
    </Page>
  );
}
