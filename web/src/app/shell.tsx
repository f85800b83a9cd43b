import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useMatches, useParams, useRouter } from '@tanstack/react-router';
import { Moon, Sun } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { universeGetProjectOptions } from '@/api/generated/@tanstack/react-query.gen';
import { onSessionEnd, onUserChange } from '@/api/session';
import { meOptions } from '@/features/identity/queries';
import { ActivityMenu } from '@/features/tasks';
import { useSingleKey } from '@/lib/hotkeys';
import { setTheme, useTheme } from '@/lib/theme';
import { IconButton } from '@/ui/button';
import { Mark } from '@/ui/mark';
import { AccountMenu } from './account-menu';

const Shortcuts = lazy(() => import('./shortcuts').then((part) => ({ default: part.Shortcuts })));

/** Header and main region; pages before sign-in stand alone. */
export function Shell() {
  const isBare = useMatches({ select: (all) => all.some((match) => match.staticData.bare) });
  const [hasShortcuts, setShortcuts] = useState(false);
  useSessionEnd();
  useSingleKey('?', () => setShortcuts(true));
  if (isBare) {
    return (
      <main id="content" className="min-h-dvh">
        <Outlet />
      </main>
    );
  }
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="absolute top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent px-3 py-2 text-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <Header onShortcuts={() => setShortcuts(true)} />
      {hasShortcuts ? (
        <Suspense>
          <Shortcuts onClose={() => setShortcuts(false)} />
        </Suspense>
      ) : null}
      <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col">
        <Outlet />
      </main>
    </div>
  );
}

/** When the sign-in is over, go and ask for it again, then come back here. */
function useSessionEnd() {
  const router = useRouter();
  const queryClient = useQueryClient();
  useEffect(
    () =>
      onSessionEnd(() => {
        queryClient.clear();
        const next = router.state.location.href;
        if (!next.startsWith('/sign-in'))
          void router.navigate({ to: '/sign-in', search: { next } });
      }),
    [queryClient, router],
  );
  // Another tab went to another organization: nothing that is on this page is there.
  useEffect(() => onUserChange(() => window.location.assign('/projects')), []);
}

function Header({ onShortcuts }: { onShortcuts: () => void }) {
  const me = useQuery(meOptions());
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-s1 print:hidden">
      <div className="flex h-12 items-center gap-2 px-3 sm:gap-3 sm:px-5">
        <Link to="/projects" className="flex shrink-0 items-center gap-2 rounded-sm">
          <Mark />
          <span className="sr-only">AgentVerse, all projects</span>
        </Link>
        <span className="hidden max-w-48 truncate text-control text-t2 sm:block">
          {me.data?.organization.name}
        </span>
        <ProjectCrumb />
        <nav aria-label="Main" className="ml-auto flex items-center gap-0.5">
          <NavLink to="/projects">Projects</NavLink>
          <NavLink to="/populations">Populations</NavLink>
        </nav>
        <ActivityMenu />
        <ThemeToggle />
        <AccountMenu me={me.data} onShortcuts={onShortcuts} />
      </div>
    </header>
  );
}

function NavLink({ to, children }: { to: '/projects' | '/populations'; children: string }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: true }}
      className="inline-flex min-h-8 items-center rounded-md px-2.5 text-control text-t2 hover:bg-s3 hover:text-t1 aria-[current=page]:text-t1"
    >
      {children}
    </Link>
  );
}

function ProjectCrumb() {
  const { projectId } = useParams({ strict: false }) as { projectId?: string };
  const project = useQuery({
    ...universeGetProjectOptions({ path: { project_id: projectId ?? '' } }),
    enabled: projectId !== undefined,
  });
  if (!projectId || !project.data) return null;
  return (
    <>
      <span aria-hidden className="hidden text-edge sm:block">
        /
      </span>
      <span className="min-w-0 truncate text-control font-medium">{project.data.name}</span>
    </>
  );
}

function ThemeToggle() {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <IconButton label={`Use the ${other} theme`} onClick={() => setTheme(other)}>
      {theme === 'dark' ? <Sun aria-hidden size={16} /> : <Moon aria-hidden size={16} />}
    </IconButton>
  );
}
