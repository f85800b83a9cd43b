import type { OwnOrganization } from '@/api/generated/types.gen';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { useSwitchOrganization } from '../organizations';

/** One's organizations, and the way into each. */
export function OrganizationsTable({
  organizations,
}: {
  organizations: readonly OwnOrganization[];
}) {
  return (
    <DataTable
      caption="Your organizations"
      columns={columns}
      rows={organizations}
      rowKey={(organization) => organization.tenant_id}
    />
  );
}

const columns: Column<OwnOrganization>[] = [
  {
    key: 'name',
    header: 'Organization',
    cell: ({ name, is_current }) => (
      <span className="flex flex-wrap items-center gap-2 text-t1">
        {name}
        {is_current ? <Badge tone="accent">this one</Badge> : null}
      </span>
    ),
  },
  { key: 'role', header: 'Your role', cell: ({ role }) => role },
  {
    key: 'status',
    header: 'Status',
    cell: ({ status }) => (status === 'suspended' ? <Badge tone="warn">suspended</Badge> : status),
  },
  {
    key: 'switch',
    header: <span className="sr-only">Switch</span>,
    cell: (organization) =>
      organization.is_current || organization.status === 'suspended' ? null : (
        <Switch organization={organization} />
      ),
  },
];

function Switch({ organization: { tenant_id, name } }: { organization: OwnOrganization }) {
  const change = useSwitchOrganization();
  return (
    <span className="flex justify-end">
      <Button
        size="small"
        aria-label={`Switch to ${name}`}
        busy={change.isPending || change.isSuccess}
        onClick={() => change.mutate({ body: { tenant_id } }, { onError: complain })}
      >
        Switch
      </Button>
    </span>
  );
}
