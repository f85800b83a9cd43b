/** A one-time token from `#token=…`; the address is cleaned before anything else happens. */
export function takeOneTimeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (token) {
    window.history.replaceState(
      window.history.state,
      '',
      window.location.pathname + window.location.search,
    );
  }
  return token;
}

/** Where to go after sign-in: only a path of this app, never another site. */
export function localTarget(next: string | undefined): string | null {
  if (!next?.startsWith('/')) return null;
  const url = new URL(next, window.location.origin);
  if (url.origin !== window.location.origin) return null;
  if (url.pathname === '/sign-in' || url.pathname === '/register') return null;
  return url.pathname + url.search + url.hash;
}
