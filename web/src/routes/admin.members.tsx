import { createFileRoute } from '@tanstack/react-router';
import { MembersPage } from '@/features/identity/pages/members-page';

export const Route = createFileRoute('/admin/members')({ component: MembersPage });
