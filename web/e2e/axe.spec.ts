/** Every page in its empty and its failing state, both themes, both widths. Full pages: journeys. */
import { expect, expectAccessible, inspect, register, showTheme, test } from './support/test';

test('pages before sign-in', async ({ page }) => {
  await page.goto('/register');
  await inspect(page, 'register');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await inspect(page, 'sign-in');
});

test('empty pages of a new organization', async ({ page }) => {
  await register(page, 'Empty Organization');
  await inspect(page, 'projects-empty');
  await page.getByRole('link', { name: 'Populations' }).click();
  await expect(page.getByText('No population yet')).toBeVisible();
  await inspect(page, 'populations-empty');
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing is at this address');
  await inspect(page, 'not-found');
});

test('a server that cannot answer', async ({ page, complaints }) => {
  await register(page, 'Unlucky Organization');
  const problem = {
    type: 'about:blank',
    title: 'Not available right now',
    status: 503,
    detail: 'The database does not answer. Try again in a moment.',
    code: 'unavailable',
    request_id: 'req-e2e-1',
    retryable: true,
  };
  await page.route('**/api/v1/populations?**', (route) =>
    route.fulfill({ status: 503, json: problem, contentType: 'application/problem+json' }),
  );
  await page.getByRole('link', { name: 'Populations' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The database does not answer');
  await expect(alert).toContainText('req-e2e-1');
  for (const theme of ['dark', 'light'] as const) {
    await showTheme(page, theme);
    await expectAccessible(page, `error, ${theme}`);
  }
  await page.unroute('**/api/v1/populations?**');
  await alert.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('No population yet')).toBeVisible();
  // The browser itself reports each refused answer; nothing else may have gone wrong.
  expect(complaints.every((text) => text.includes('503'))).toBe(true);
  complaints.length = 0;
});
