import { toProblem } from '@/lib/problem';
import { complain } from '@/ui/complain';
import { useOrganizations, useSwitchOrganization } from '../organizations';

/** The other organizations of whoever is signed in, as lines of a menu; asked when it is open. */
export function OrganizationSwitcher({ isOpen }: { isOpen: boolean }) {
  const organizations = useOrganizations({ enabled: isOpen });
  const change = useSwitchOrganization();
  if (organizations.error) {
    return (
      <p className="px-2.5 py-1.5 text-caption text-bad">{toProblem(organizations.error).title}</p>
    );
  }
  const others = organizations.data?.items.filter(
    ({ is_current, status }) => !is_current && status === 'active',
  );
  if (!others?.length) return null;
  return (
    <fieldset className="mt-1 border-b border-line pb-1">
      <legend className="px-2.5 pt-1 text-caption text-t3">Switch to</legend>
      {others.map(({ tenant_id, name }) => (
        <button
          key={tenant_id}
          type="button"
          disabled={change.isPending || change.isSuccess}
          onClick={() => change.mutate({ body: { tenant_id } }, { onError: complain })}
          className="block min-h-8 w-full max-w-72 truncate rounded-md px-2.5 text-left text-control hover:bg-s3 disabled:opacity-50"
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
