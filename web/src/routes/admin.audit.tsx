import { createFileRoute } from '@tanstack/react-router';
import { AuditPage } from '@/features/audit/pages/audit-page';
import { readAuditSearch } from '@/features/audit/search';

export const Route = createFileRoute('/admin/audit')({
  validateSearch: readAuditSearch,
  component: AuditRoute,
});

function AuditRoute() {
  return <AuditPage search={Route.useSearch()} />;
}
