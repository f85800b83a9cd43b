import { createFileRoute } from '@tanstack/react-router';
import { ForgottenPasswordPage } from '@/features/identity/pages/forgotten-password-page';

export const Route = createFileRoute('/forgotten-password')({
  staticData: { bare: true },
  component: ForgottenPasswordPage,
});
