import type { ComponentProps } from 'react';
import { cx } from '@/lib/cx';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';
export type ButtonSize = 'medium' | 'small' | 'icon' | 'inline';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-ink font-semibold border-transparent hover:opacity-90',
  secondary: 'bg-s2 text-t1 border-edge hover:bg-s3',
  quiet: 'bg-transparent text-t2 border-transparent hover:bg-s3 hover:text-t1',
  danger: 'bg-transparent text-bad border-bad hover:bg-s3',
};

const SIZES: Record<ButtonSize, string> = {
  medium: 'min-h-9 px-3.5 text-control',
  small: 'min-h-7 px-2.5 text-control',
  icon: 'size-8 p-0',
  /** An icon within a line of text. */
  inline: 'size-6 p-0',
};

/** The look of a button, for links that act as one. */
export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'medium') {
  return cx(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-md border font-medium',
    'whitespace-nowrap select-none transition-[background-color,opacity,color] duration-[120ms] ease-calm',
    'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50',
    VARIANTS[variant],
    SIZES[size],
  );
}

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Shows that the action is under way and keeps a second click from starting it again. */
  busy?: boolean;
}

export function Button({
  variant,
  size,
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={cx(buttonClass(variant, size), className)}
    >
      {busy ? <span aria-hidden className="size-2 rounded-full bg-current animate-breath" /> : null}
      {children}
    </button>
  );
}

/** A button that is only an icon: its name is said, and shown as a title. */
export function IconButton({
  label,
  children,
  variant = 'quiet',
  size = 'icon',
  ...rest
}: Omit<ButtonProps, 'size' | 'aria-label'> & { label: string; size?: 'icon' | 'inline' }) {
  return (
    <Button {...rest} variant={variant} size={size} aria-label={label} title={label}>
      {children}
    </Button>
  );
}
