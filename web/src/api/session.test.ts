import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  acceptToken,
  authorizedFetch,
  dropToken,
  hasToken,
  onSessionEnd,
  onUserChange,
} from './session';

const BASE = 'http://localhost:3000/api/v1';
const token = (value: string) => ({ access_token: value, expires_in_seconds: 600 });
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' },
  });

type Answer = (request: Request) => Response | Promise<Response>;

function serve(answer: Answer) {
  const seen: Request[] = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const url = typeof input === 'string' ? new URL(input, BASE).href : input;
    const request = new Request(url, init);
    seen.push(request);
    return answer(request);
  });
  return seen;
}

const isRefresh = (request: Request) => request.url.endsWith('/auth/refresh');

beforeEach(() => {
  acceptToken(token('old'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  dropToken();
});

/** A server that takes only the new token and counts refreshes. */
function expired(): Answer {
  return async (request) => {
    if (isRefresh(request)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return json(token('new'));
    }
    const isNew = request.headers.get('Authorization') === 'Bearer new';
    return isNew ? json({ sent: await request.text() }) : json({}, 401);
  };
}

test('many requests that meet a 401 share one refresh and are all repeated', async () => {
  const seen = serve(expired());
  const answers = await Promise.all(
    ['a', 'b', 'c'].map((name) => authorizedFetch(`${BASE}/projects/${name}`)),
  );
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(seen.filter(isRefresh)).toHaveLength(1);
});

test('the repeated request carries its body again', async () => {
  serve(expired());
  const answer = await authorizedFetch(`${BASE}/projects`, {
    method: 'POST',
    body: '{"name":"x"}',
  });
  expect(await answer.json()).toEqual({ sent: '{"name":"x"}' });
});

test('a refused refresh ends the sign-in once and gives the 401 back', async () => {
  serve(() => json({}, 401));
  const ended = vi.fn();
  const forget = onSessionEnd(ended);
  const answer = await authorizedFetch(`${BASE}/projects`);
  forget();
  expect(answer.status).toBe(401);
  expect(ended).toHaveBeenCalledOnce();
  expect(hasToken()).toBe(false);
});

test('a failing server does not end the sign-in', async () => {
  serve((request) => json({}, isRefresh(request) ? 503 : 401));
  const ended = vi.fn();
  const forget = onSessionEnd(ended);
  await authorizedFetch(`${BASE}/projects`);
  forget();
  expect(ended).not.toHaveBeenCalled();
  expect(hasToken()).toBe(true);
});

test('a token about to expire is renewed before it is used', async () => {
  acceptToken({ access_token: 'old', expires_in_seconds: 5 });
  const seen = serve(expired());
  await authorizedFetch(`${BASE}/projects`);
  expect(seen.map((request) => new URL(request.url).pathname)).toEqual([
    '/api/v1/auth/refresh',
    '/api/v1/projects',
  ]);
});

test('signing in sends no old token and is never repeated', async () => {
  const seen = serve(() => json({}, 401));
  await authorizedFetch(`${BASE}/auth/login`, { method: 'POST' });
  expect(seen).toHaveLength(1);
  expect(seen[0]?.headers.has('Authorization')).toBe(false);
});

test('a refresh that brings another user sends nothing as them', async () => {
  const tokenOf = (user: string) => `e30.${btoa(JSON.stringify({ sub: user }))}.x`;
  acceptToken({ access_token: tokenOf('ada'), expires_in_seconds: 5 });
  const seen = serve(() => json(token(tokenOf('ada in another organization'))));
  const changed = vi.fn();
  const forget = onUserChange(changed);
  const again = () => authorizedFetch(`${BASE}/projects`, { method: 'POST', body: '{}' });
  await expect(again()).rejects.toThrow('another user');
  await expect(again()).rejects.toThrow('another user');
  forget();
  expect(changed).toHaveBeenCalledTimes(2);
  expect(seen.every(isRefresh)).toBe(true);
});

test('a refresh of the same user goes on', async () => {
  const ada = `e30.${btoa(JSON.stringify({ sub: 'ada' }))}`;
  acceptToken({ access_token: `${ada}.old`, expires_in_seconds: 5 });
  const seen = serve((request) => (isRefresh(request) ? json(token(`${ada}.new`)) : json({})));
  expect((await authorizedFetch(`${BASE}/projects`)).status).toBe(200);
  expect(seen[1]?.headers.get('Authorization')).toBe(`Bearer ${ada}.new`);
});

test('a wrong present password is sent once and ends no sign-in', async () => {
  const seen = serve(() => json({}, 401));
  const answer = await authorizedFetch(`${BASE}/auth/password`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(401);
  expect(seen.map((request) => request.url)).toEqual([`${BASE}/auth/password`]);
  expect(hasToken()).toBe(true);
});
