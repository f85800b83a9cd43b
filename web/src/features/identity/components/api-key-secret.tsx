import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ApiKeyCreated } from '@/api/generated/types.gen';
import { Button } from '@/ui/button';
import { announce, toast } from '@/ui/toast';

interface ApiKeySecretProps {
  created: ApiKeyCreated;
  onDone: () => void;
}

/** The secret, this once: nobody can show it again, not even the server. */
export function ApiKeySecret({ created, onDone }: ApiKeySecretProps) {
  const [isCopied, setCopied] = useState(false);
  const region = useRef<HTMLElement>(null);
  useEffect(() => region.current?.focus(), []);
  const copy = () =>
    navigator.clipboard.writeText(created.key).then(
      () => {
        setCopied(true);
        announce('The key is copied.');
      },
      () => toast('The browser did not copy it. Select it and copy it yourself.', 'bad'),
    );
  return (
    <section
      ref={region}
      tabIndex={-1}
      aria-label={`Secret of ${created.name}`}
      className="grid gap-2 rounded-lg border border-accent bg-s1 p-4"
    >
      <h2 className="text-section font-semibold">Copy the key now</h2>
      <p className="text-control text-t2">
        It is shown this once. Whoever has it can do what “{created.name}” may do.
      </p>
      <code className="rounded-md border border-edge bg-bg px-3 py-2 font-mono text-control break-all select-all">
        {created.key}
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
