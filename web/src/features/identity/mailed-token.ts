import { useEffect, useRef, useState } from 'react';
import { takeOneTimeToken } from './sign-in';

/** The token of a mailed link, once it is read and gone from the address; "" for a link without. */
export function useMailedToken(): string | null {
  const [token, setToken] = useState<string | null>(null);
  const isTaken = useRef(false);
  useEffect(() => {
    if (isTaken.current) return;
    isTaken.current = true;
    setToken(takeOneTimeToken() ?? '');
  }, []);
  return token;
}
