import { createFileRoute } from '@tanstack/react-router';
import { InvitationPage } from '@/features/identity/pages/invitation-page';

export const Route = createFileRoute('/invitation')({
  staticData: { bare: true },
  component: InvitationPage,
});
