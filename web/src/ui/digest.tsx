import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { shortDigest } from '@/lib/format';
import { IconButton } from './button';

/** The head of a digest; the whole one is in the title and the clipboard. */
export function Digest({ value, name = 'digest' }: { value: string | null; name?: string }) {
  const [copied, setCopied] = useState(false);
  if (!value) return <span className="text-t3">not computed</span>;
  const copy = () => navigator.clipboard?.writeText(value).then(() => setCopied(true));
  return (
    <span className="inline-flex items-center gap-1">
      <code className="font-mono text-control" title={value}>
        {shortDigest(value)}
      </code>
      <IconButton label={copied ? 'Copied' : `Copy the ${name}`} size="inline" onClick={copy}>
        {copied ? <Check aria-hidden size={13} /> : <Copy aria-hidden size={13} />}
      </IconButton>
    </span>
  );
}
