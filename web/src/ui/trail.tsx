import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';

/** A place above the page, nearest last. */
export interface Place extends Pick<LinkProps, 'to' | 'params' | 'search'> {
  label: string;
}

/** Where a page lies, each place above it a link; the page itself is named by its title. */
export function Trail({ places, here }: { places: readonly Place[]; here: string }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex flex-wrap items-center gap-x-1.5 gap-y-0.5 text-caption text-t3">
        {places.map(({ label, ...to }) => (
          <li key={label} className="flex min-w-0 items-center gap-x-1.5">
            <Link {...to} className="max-w-64 truncate py-1 hover:text-t1 hover:underline">
              {label}
            </Link>
            <ChevronRight aria-hidden size={12} className="shrink-0" />
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  );
}
