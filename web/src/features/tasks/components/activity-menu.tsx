import { Activity } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { counted } from '@/lib/format';
import { Button } from '@/ui/button';
import { useLookAgain, useRunning } from '../queries';

/** Code that comes when somebody looks: every page starts with the header. */
const ActivityList = lazy(async () => ({
  default: (await import('./activity-list')).ActivityList,
}));

/** In the header: how much is under way, and behind it what, how far, and the way to stop it. */
export function ActivityMenu() {
  const running = useRunning();
  const lookAgain = useLookAgain();
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const size = running.data?.length ?? 0;
  const label = size === 0 ? 'Activity' : `Activity, ${counted(size, 'task', 'tasks')} running`;
  const toggled = (open: boolean) => {
    setOpen(open);
    if (open) lookAgain();
  };
  return (
    <>
      <Button
        variant="quiet"
        size={size > 0 ? 'small' : 'icon'}
        aria-label={label}
        title={label}
        popoverTarget="activity"
        className="h-8 gap-1"
      >
        <Activity aria-hidden size={16} className={size > 0 ? 'animate-breath text-accent' : ''} />
        {size > 0 ? (
          <span aria-hidden className="font-mono text-caption text-accent">
            {size}
          </span>
        ) : null}
      </Button>
      <div
        ref={menu}
        id="activity"
        popover="auto"
        role="dialog"
        aria-label="Activity"
        onToggle={(event) => toggled(event.newState === 'open')}
        className="inset-auto top-13 right-3 m-0 max-h-[min(32rem,calc(100dvh-4rem))] w-96 max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-lg border border-line bg-s2 py-1 text-t1 shadow-float sm:right-5"
      >
        {isOpen ? (
          <Suspense fallback={null}>
            <ActivityList onFollow={() => menu.current?.hidePopover()} />
          </Suspense>
        ) : null}
      </div>
    </>
  );
}
