import { createFileRoute } from '@tanstack/react-router';
import { SignInPage } from '@/features/identity/pages/sign-in-page';

export interface SignInSearch {
  next?: string;
}

export const Route = createFileRoute('/sign-in')({
  validateSearch: (search): SignInSearch =>
    typeof search.next === 'string' ? { next: search.next } : {},
  staticData: { bare: true },
  component: SignInRoute,
});

function SignInRoute() {
  return <SignInPage next={Route.useSearch().next} />;
}
