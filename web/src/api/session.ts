/** The access token lives here and nowhere else: in memory, gone with the tab. */

interface Token {
  value: string;
  expiresAt: number;
}

type Listener = () => void;

const RENEW_BEFORE_MS = 30_000;

let token: Token | null = null;
let renewal: Promise<boolean> | null = null;
const endListeners = new Set<Listener>();
const changeListeners = new Set<Listener>();

export function acceptToken(answer: { access_token: string; expires_in_seconds: number }): void {
  token = {
    value: answer.access_token,
    expiresAt: Date.now() + answer.expires_in_seconds * 1000,
  };
}

export function dropToken(): void {
  token = null;
}

export function hasToken(): boolean {
  return token !== null;
}

/** Called once when a sign-in is over (the refresh cookie no longer works). */
export function onSessionEnd(listener: Listener): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/**
 * Called when the refresh cookie, which all tabs share, has become another user's: another tab
 * switched the organization or signed somebody else in. This tab shows what is not theirs.
 */
export function onUserChange(listener: Listener): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

/** One refresh at a time, whoever asks; true when a new access token arrived. */
export function renewSession(): Promise<boolean> {
  renewal ??= requestToken().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function requestToken(): Promise<boolean> {
  const response = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    credentials: 'same-origin',
  });
  if (response.ok) {
    const answer = await response.json();
    if (token !== null && userOf(answer.access_token) !== userOf(token.value)) {
      for (const listener of changeListeners) listener();
      // Neither this request nor any other of this tab may go out as the other user.
      throw new DOMException('Another tab signed in as another user.', 'AbortError');
    }
    acceptToken(answer);
    return true;
  }
  // Only a clear "no" ends the sign-in; a failing server may be back in a moment.
  if (response.status < 500) dropToken();
  return false;
}

/** The `sub` of a token, which a person has one of in each organization; null for no JWT. */
function userOf(accessToken: string): string | null {
  const claims = accessToken.split('.')[1];
  if (claims === undefined) return null;
  return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).sub;
}

const PUBLIC_PATHS = ['/auth/login', '/auth/register', '/auth/one-time', '/auth/refresh'];

/** Here a 401 says that password or code is wrong: sent twice, it would be guessed twice. */
const PASSWORD_PATHS = [
  '/auth/password',
  '/auth/totp',
  '/auth/totp/confirm',
  '/auth/totp/remove',
  '/auth/recovery-codes',
];

function isOneOf(paths: readonly string[], request: Request): boolean {
  const path = new URL(request.url).pathname;
  return paths.some((end) => path.endsWith(end));
}

function withToken(request: Request): Request {
  if (token) request.headers.set('Authorization', `Bearer ${token.value}`);
  return request;
}

function soonExpired(): boolean {
  return token !== null && token.expiresAt - Date.now() < RENEW_BEFORE_MS;
}

/** `fetch` with the bearer token; a 401 is answered by one shared refresh and one repetition. */
export async function authorizedFetch(
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  if (isOneOf(PUBLIC_PATHS, request)) return fetch(request);
  if (soonExpired()) await renewSession();
  // A file is not kept twice in memory for the rare repetition.
  const isUpload = request.headers.get('Content-Type')?.startsWith('multipart/') ?? false;
  const spare = isUpload ? null : request.clone();
  const response = await fetch(withToken(request));
  if (response.status !== 401 || isOneOf(PASSWORD_PATHS, request)) return response;
  if (!(await renewSession())) {
    if (!hasToken()) for (const listener of endListeners) listener();
    return response;
  }
  return spare ? fetch(withToken(spare)) : response;
}
