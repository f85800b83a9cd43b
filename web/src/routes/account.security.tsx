import { createFileRoute } from '@tanstack/react-router';
import { SecurityPage } from '@/features/identity/pages/security-page';

export const Route = createFileRoute('/account/security')({ component: SecurityPage });
