import { createFileRoute } from '@tanstack/react-router';
import { RegisterPage } from '@/features/identity/pages/register-page';

export interface RegisterSearch {
  next?: string;
}

export const Route = createFileRoute('/register')({
  validateSearch: (search): RegisterSearch =>
    typeof search.next === 'string' ? { next: search.next } : {},
  staticData: { bare: true },
  component: RegisterRoute,
});

function RegisterRoute() {
  return <RegisterPage next={Route.useSearch().next} />;
}
