import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '@/ui/button';
import { announce, toast } from '@/ui/toast';

interface ShownOnceProps {
  /** Names the region. */
  label: string;
  title: string;
  /** What whoever has it can do. */
  children: ReactNode;
  secret: string;
  /** Said when it is on the clipboard. */
  copied: string;
  onDone: () => void;
}

/** A secret, this once: nobody can show it again, not even the server. */
export function ShownOnce({ label, title, children, secret, copied, onDone }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false);
  const region = useRef<HTMLElement>(null);
  useEffect(() => region.current?.focus(), []);
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => {
        setCopied(true);
        announce(copied);
      },
      () => toast('The browser did not copy it. Select it and copy it yourself.', 'bad'),
    );
  return (
    <section
      ref={region}
      tabIndex={-1}
      aria-label={label}
      className="grid gap-2 rounded-lg border border-accent bg-s1 p-4"
    >
      <h2 className="text-section font-semibold">{title}</h2>
      <p className="text-control text-t2">{children}</p>
      <code className="rounded-md border border-edge bg-bg px-3 py-2 font-mono text-control break-all whitespace-pre-line select-all">
        {secret}
      </code>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => void copy()}>
          {isCopied ? <Check aria-hidden size={16} /> : <Copy aria-hidden size={16} />}
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
        <Button onClick={onDone}>I have it</Button>
      </div>
    </section>
  );
}
