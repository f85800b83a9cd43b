import { X } from 'lucide-react';
import { type MouseEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './button';

interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  children: ReactNode;
}

/** Details at the side, the whole screen on a phone: the browser's own modal dialog. */
export function Sheet({ open, onOpenChange, title, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // A later effect would close it when it has left the page, where it gives no focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (open) element?.showModal();
    // Closing gives the focus back to where it was.
    return () => element?.close();
  }, [open]);
  const close = () => onOpenChange(false);
  const pressBeside = (event: MouseEvent) => {
    if (event.target === event.currentTarget) close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      // A second Escape closes it without asking.
      onClose={() => dialog.current?.open === false && close()}
      onClick={pressBeside}
      className="fixed inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-full max-w-[30rem] border-l border-line bg-s1 p-0 text-t1 shadow-float animate-slide backdrop:bg-shade"
    >
      <div className="flex h-full flex-col">
        <header className="flex items-start justify-between gap-4 border-b border-line px-4 py-3">
          <h2 id={titleId} className="min-w-0 text-section font-semibold first-letter:uppercase">
            {title}
          </h2>
          <IconButton label="Close" onClick={close}>
            <X aria-hidden size={16} />
          </IconButton>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
      </div>
    </dialog>
  );
}
