import { useQueryClient } from '@tanstack/react-query';
import { Link, type LinkProps, useNavigate } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Me } from '@/api/generated/types.gen';
import { OrganizationSwitcher } from '@/features/identity';
import { signOut } from '@/features/identity/queries';
import { IconButton } from '@/ui/button';
import { toast } from '@/ui/toast';

interface AccountMenuProps {
  me: Me | undefined;
  onShortcuts: () => void;
}

/** Who is signed in and where, what is theirs, what they administer, and the way out. */
export function AccountMenu({ me, onShortcuts }: AccountMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const close = () => menu.current?.hidePopover();
  const leave = async () => {
    try {
      await signOut(queryClient);
      await navigate({ to: '/sign-in', search: {} });
    } catch {
      toast('You are still signed in: the server did not answer. Try again.', 'bad');
    }
  };
  const pages = PAGES.filter(
    ({ permission }) => !permission || me?.permissions.includes(permission),
  );
  return (
    <>
      <IconButton label="Account" popoverTarget="account">
        <UserRound aria-hidden size={16} />
      </IconButton>
      {/* The browser's own popover: closes by Escape and by a click beside it, gives focus back. */}
      <div
        ref={menu}
        id="account"
        popover="auto"
        onToggle={(event) => setOpen(event.newState === 'open')}
        className="inset-auto top-13 right-3 m-0 max-h-[calc(100dvh-4rem)] min-w-56 overflow-y-auto rounded-lg border border-line bg-s2 p-1 text-t1 shadow-float sm:right-5"
      >
        <p className="max-w-72 border-b border-line px-2.5 py-2">
          <span className="block truncate text-control">{me?.full_name || me?.email}</span>
          {me?.full_name ? (
            <span className="block truncate text-caption text-t3">{me.email}</span>
          ) : null}
          <span className="block truncate text-caption text-t3">
            {me ? `${me.role} of ${me.organization.name}` : null}
          </span>
        </p>
        <OrganizationSwitcher isOpen={isOpen} />
        {pages.map(({ to, name }) => (
          <Link key={to} to={to} onClick={close} className={LINE}>
            {name}
          </Link>
        ))}
        <button
          type="button"
          popoverTarget="account"
          onClick={onShortcuts}
          className={`${LINE} justify-between`}
        >
          Keyboard shortcuts <kbd className="font-mono text-t3">?</kbd>
        </button>
        <button type="button" onClick={() => void leave()} className={LINE}>
          Sign out
        </button>
      </div>
    </>
  );
}

const LINE = 'flex min-h-8 w-full items-center rounded-md px-2.5 text-control hover:bg-s3';

/** What is not permitted is not offered. */
const PAGES: readonly { to: LinkProps['to']; name: string; permission?: string }[] = [
  { to: '/account/profile', name: 'Profile' },
  { to: '/account/security', name: 'Security' },
  { to: '/account/organizations', name: 'Organizations' },
  { to: '/account/privacy', name: 'Privacy' },
  { to: '/admin/members', name: 'Members', permission: 'members:read' },
  { to: '/admin/api-keys', name: 'API keys', permission: 'api_keys:write' },
  { to: '/admin/models', name: 'Models', permission: 'llm:write' },
  { to: '/admin/audit', name: 'Audit', permission: 'audit:read' },
];
