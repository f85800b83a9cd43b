import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { IconButton } from './button';

interface LayerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}

function Layer({ className, ...props }: LayerProps & { className: string }) {
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-shade animate-appear" />
        <Radix.Content
          {...(props.description ? {} : { 'aria-describedby': undefined })}
          className={cx('fixed z-50 flex flex-col border-line bg-s1 shadow-float', className)}
        >
          <header className="flex items-start justify-between gap-4 border-b border-line px-4 py-3">
            <div className="min-w-0">
              <Radix.Title className="text-section font-semibold">{props.title}</Radix.Title>
              {props.description ? (
                <Radix.Description className="text-control text-t2">
                  {props.description}
                </Radix.Description>
              ) : null}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X aria-hidden size={16} />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{props.children}</div>
          {props.footer ? (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">
              {props.footer}
            </footer>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Details at the side; the whole screen on a phone. */
export function Sheet(props: LayerProps) {
  return (
    <Layer {...props} className="inset-y-0 right-0 w-full max-w-[30rem] border-l animate-slide" />
  );
}
