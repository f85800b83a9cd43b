import type { Me, Member } from '@/api/generated/types.gen';
import { dateTime, utc } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { type Column, DataTable } from '@/ui/data-table';
import { mayChange, nameOf } from '../members';

interface MembersTableProps {
  members: readonly Member[];
  me: Me | undefined;
  onOpen: (member: Member) => void;
}

/** Everybody of the organization; what changes a member is in their sheet. */
export function MembersTable({ members, me, onOpen }: MembersTableProps) {
  const columns: Column<Member>[] = [
    {
      key: 'name',
      header: 'Member',
      cell: (member) => (
        <>
          <span className="flex flex-wrap items-center gap-2 text-t1">
            {nameOf(member)}
            {member.user_id === me?.user_id ? <Badge tone="accent">you</Badge> : null}
          </span>
          {member.full_name ? (
            <span className="block text-caption break-all text-t3">{member.email}</span>
          ) : null}
        </>
      ),
    },
    { key: 'role', header: 'Role', cell: ({ role }) => role },
    {
      key: 'status',
      header: 'Status',
      cell: ({ status }) =>
        status === 'suspended' ? <Badge tone="warn">suspended</Badge> : status,
    },
    {
      key: 'joined',
      header: 'Joined',
      className: 'max-sm:hidden',
      cell: ({ joined_at: at }) => (
        <time dateTime={at} title={utc(at)} className="whitespace-nowrap">
          {dateTime(at)}
        </time>
      ),
    },
    {
      key: 'change',
      header: <span className="sr-only">Change</span>,
      cell: (member) =>
        me && mayChange(me, member) ? (
          <span className="flex justify-end">
            <Button
              size="small"
              aria-label={`Change ${nameOf(member)}`}
              onClick={() => onOpen(member)}
            >
              Change
            </Button>
          </span>
        ) : null,
    },
  ];
  return (
    <DataTable
      caption="Members"
      columns={columns}
      rows={members}
      rowKey={(member) => member.user_id}
    />
  );
}
