import { cx } from '@/lib/cx';

/** How much of a known amount is done; `label` says of what. */
export function Progress({
  value,
  max,
  label,
  className,
}: {
  value: number;
  max: number;
  label: string;
  className?: string;
}) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
      className={cx('h-1.5 overflow-hidden rounded-sm bg-s3', className)}
    >
      <div
        className="h-full w-full origin-left bg-accent transition-transform duration-[180ms] ease-calm"
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}
