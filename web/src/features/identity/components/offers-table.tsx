import type { InvitationOffer } from '@/api/generated/types.gen';
import { dateTime, utc } from '@/lib/format';
import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { type Column, DataTable } from '@/ui/data-table';
import { announce } from '@/ui/toast';
import { useAcceptOffer, useDeclineOffer } from '../organizations';

/** Organizations that invite the verified address. */
export function OffersTable({ offers }: { offers: readonly InvitationOffer[] }) {
  return (
    <DataTable
      caption="Organizations that invite you"
      columns={columns}
      rows={offers}
      rowKey={(offer) => offer.id}
    />
  );
}

const columns: Column<InvitationOffer>[] = [
  {
    key: 'organization',
    header: 'Organization',
    cell: ({ organization }) => <span className="text-t1">{organization}</span>,
  },
  { key: 'role', header: 'As', cell: ({ role }) => role },
  {
    key: 'ends',
    header: 'Ends',
    cell: ({ expires_at: at }) => (
      <time dateTime={at} title={utc(at)} className="sm:whitespace-nowrap">
        {dateTime(at)}
      </time>
    ),
  },
  {
    key: 'answer',
    header: <span className="sr-only">Answer</span>,
    cell: (offer) => <Answer offer={offer} />,
  },
];

function Answer({ offer: { id, organization } }: { offer: InvitationOffer }) {
  const accept = useAcceptOffer();
  const decline = useDeclineOffer();
  const path = { invitation_id: id };
  return (
    <span className="flex flex-wrap justify-end gap-1">
      <Button
        size="small"
        aria-label={`Join ${organization}`}
        busy={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate({ path }, { onError: complain })}
      >
        Join
      </Button>
      <Button
        size="small"
        aria-label={`Decline ${organization}`}
        busy={decline.isPending}
        onClick={() =>
          decline.mutate(
            { path },
            {
              onSuccess: () => announce(`The invitation of ${organization} is declined.`),
              onError: complain,
            },
          )
        }
      >
        Decline
      </Button>
    </span>
  );
}
