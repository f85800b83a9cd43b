/** The one place where the generated client meets this browser: address, token, problems. */
import { type Problem, toProblem } from '@/lib/problem';
import { client } from './generated/client.gen';
import type { Problem as WireProblem } from './generated/types.gen';
import { authorizedFetch } from './session';

export function configureClient(): void {
  client.setConfig({ baseUrl: window.location.origin, fetch: authorizedFetch, throwOnError: true });
  client.interceptors.error.use((error, response) => {
    if (error instanceof DOMException && error.name === 'AbortError') return error;
    return toProblem(error, response?.status, response?.headers.get('X-Request-ID'));
  });
}

// Fails to compile when the server's problem gains a required field this app does not read.
type Reads<T extends Problem> = T;
export type ServerProblem = Reads<WireProblem>;
