import { createFileRoute } from '@tanstack/react-router';
import { ResetPasswordPage } from '@/features/identity/pages/reset-password-page';

export const Route = createFileRoute('/reset-password')({
  staticData: { bare: true },
  component: ResetPasswordPage,
});
