import { useEffect, useState } from 'react';
import { cx } from '@/lib/cx';

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('rounded-sm bg-s3', className ?? 'h-4 w-full')} />;
}

/** True after 200 ms: what arrives at once shows no placeholder. */
export function useDelayed(ms = 200): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}
