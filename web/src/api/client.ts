/** The one place where the generated client meets this browser: address, token, problems. */
import { toProblem } from '@/lib/problem';
import { client } from './generated/client.gen';
import { authorizedFetch } from './session';

export function configureClient(): void {
  client.setConfig({ baseUrl: window.location.origin, fetch: authorizedFetch, throwOnError: true });
  client.interceptors.error.use((error, response) => {
    if (error instanceof DOMException && error.name === 'AbortError') return error;
    return toProblem(error, response?.status, response?.headers.get('X-Request-ID'));
  });
}
