import { useState } from 'react';

/** 128 random bits; `crypto.randomUUID` exists on secure origins only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The Idempotency-Key of a form: made when it opens, so that a double click or a retry is one
 * request; content that was changed after it was sent is another request and gets another key.
 */
export function useRequestKey(): (content: unknown) => string {
  const [known] = useState(() => ({ key: newKey(), sent: '' }));
  return (content) => {
    const written = JSON.stringify(content);
    if (known.sent !== '' && known.sent !== written) known.key = newKey();
    known.sent = written;
    return known.key;
  };
}
