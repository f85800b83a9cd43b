import { afterEach, expect, test } from 'vitest';
import { localTarget, takeOneTimeToken } from './sign-in';

afterEach(() => window.history.replaceState(null, '', '/'));

test('a one-time token is taken once and leaves the address', () => {
  window.history.replaceState(null, '', '/sign-in?next=%2Fprojects#token=secret-1');
  expect(takeOneTimeToken()).toBe('secret-1');
  expect(window.location.href).toBe('http://localhost:3000/sign-in?next=%2Fprojects');
  expect(takeOneTimeToken()).toBeNull();
});

test('after sign-in only a page of this app can follow', () => {
  expect(localTarget('/projects/1/universe?node=2')).toBe('/projects/1/universe?node=2');
  expect(localTarget('https://evil.example/')).toBeNull();
  expect(localTarget('//evil.example/x')).toBeNull();
  expect(localTarget('/\\evil.example')).toBeNull();
  expect(localTarget('/sign-in?next=/sign-in')).toBeNull();
  expect(localTarget(undefined)).toBeNull();
});
