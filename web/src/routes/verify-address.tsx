import { createFileRoute } from '@tanstack/react-router';
import { VerifyAddressPage } from '@/features/identity/pages/verify-address-page';

export const Route = createFileRoute('/verify-address')({
  staticData: { bare: true },
  component: VerifyAddressPage,
});
