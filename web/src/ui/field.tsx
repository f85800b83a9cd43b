import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, useId } from 'react';
import { cx } from '@/lib/cx';

interface FieldProps {
  label: ReactNode;
  /** What to enter, in one sentence. */
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  className?: string;
  children: ReactElement<{
    id?: string;
    'aria-describedby'?: string | undefined;
    'aria-invalid'?: boolean | undefined;
  }>;
}

/** Label, control, hint and error, connected for everybody. */
export function Field({ label, hint, error, optional, className, children }: FieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={cx('grid min-w-0 content-start gap-1', className)}>
      <label htmlFor={id} className="flex items-baseline gap-2 text-control font-medium text-t2">
        {label}
        {optional ? <span className="font-normal text-t3">optional</span> : null}
      </label>
      {cloneElement(children, {
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint ? (
        <p id={`${id}-hint`} className="text-caption tracking-[0.02em] text-t3">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} className="text-control text-bad">
          {error}
        </p>
      ) : null}
    </div>
  );
}

const CONTROL = cx(
  'w-full min-w-0 rounded-md border border-edge bg-bg px-2.5 text-control text-t1',
  'transition-colors duration-[120ms] hover:border-t3 aria-invalid:border-bad',
  'disabled:cursor-not-allowed disabled:opacity-60',
);

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} className={cx(CONTROL, 'h-9', className)} />;
}

/** A number with its unit beside it. */
export function NumberInput({
  unit,
  className,
  ...rest
}: Omit<ComponentProps<'input'>, 'type'> & { unit?: string }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Input {...rest} type="number" inputMode="decimal" className={cx('font-mono', className)} />
      {unit ? <span className="shrink-0 font-mono text-control text-t3">{unit}</span> : null}
    </span>
  );
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} className={cx(CONTROL, 'min-h-20 py-2 leading-5', className)} />;
}

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <select {...rest} className={cx(CONTROL, 'h-9 pr-1', className)}>
      {children}
    </select>
  );
}

/** The options of a select, by their words. */
export function Options({ words }: { words: Readonly<Record<string, string>> }) {
  return Object.entries(words).map(([name, label]) => (
    <option key={name} value={name}>
      {label}
    </option>
  ));
}

export function Checkbox({
  label,
  className,
  ...rest
}: ComponentProps<'input'> & { label: ReactNode }) {
  return (
    <label className={cx('flex min-h-7 items-center gap-2 text-control text-t2', className)}>
      <input {...rest} type="checkbox" className="size-4 shrink-0" />
      <span className="min-w-0">{label}</span>
    </label>
  );
}
