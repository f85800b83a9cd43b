import { createFileRoute } from '@tanstack/react-router';
import { ApiKeysPage } from '@/features/identity/pages/api-keys-page';

export const Route = createFileRoute('/admin/api-keys')({ component: ApiKeysPage });
