import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from './button';

interface Toast {
  id: number;
  text: string;
  tone: 'neutral' | 'bad';
}

const SHOWN_MS = 8_000;
let toasts: readonly Toast[] = [];
let announcement = '';
let nextId = 1;
const listeners = new Set<() => void>();

function publish(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function dismiss(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id);
  publish();
}

/** A short message at the edge of the screen that also screen readers hear. */
export function toast(text: string, tone: Toast['tone'] = 'neutral'): void {
  const id = nextId++;
  toasts = [...toasts.slice(-2), { id, text, tone }];
  publish();
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Only said, not shown: a change the user waits for and sees elsewhere. */
export function announce(text: string): void {
  announcement = text;
  publish();
}

/** Mounted once; holds the live regions. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  const said = useSyncExternalStore(subscribe, () => announcement);
  return (
    <>
      <div aria-live="polite" className="sr-only">
        {said}
      </div>
      <section
        aria-label="Messages"
        aria-live="polite"
        className="pointer-events-none fixed right-4 bottom-4 left-4 z-50 ml-auto grid max-w-sm gap-2"
      >
        {shown.map((item) => (
          <div
            key={item.id}
            className="pointer-events-auto flex items-start gap-3 rounded-lg border border-line bg-s2 py-2 pr-2 pl-3.5 shadow-float animate-appear"
          >
            <p className={item.tone === 'bad' ? 'py-1 text-control text-bad' : 'py-1 text-control'}>
              {item.text}
            </p>
            <IconButton label="Dismiss" className="ml-auto" onClick={() => dismiss(item.id)}>
              <X aria-hidden size={14} />
            </IconButton>
          </div>
        ))}
      </section>
    </>
  );
}
