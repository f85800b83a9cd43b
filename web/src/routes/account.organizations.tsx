import { createFileRoute } from '@tanstack/react-router';
import { OrganizationsPage } from '@/features/identity/pages/organizations-page';

export const Route = createFileRoute('/account/organizations')({ component: OrganizationsPage });
