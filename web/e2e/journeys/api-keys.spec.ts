/** A program gets a key: shown once, used, rotated, revoked. */
import { expect, inspect, register, test } from '../support/test';

test('a key is made, works, is rotated and revoked', async ({ page, request }) => {
  await register(page, 'Program Office');
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('link', { name: 'API keys' }).click();
  await expect(page.getByText('No key yet')).toBeVisible();

  await page.getByLabel('Name').fill('nightly import');
  await page.getByLabel('projects:read').check();
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByRole('region', { name: 'Secret of nightly import' });
  await expect(secret).toBeFocused();
  await inspect(page, '50-api-key');
  const first = (await secret.locator('code').textContent()) ?? '';
  const answer = async (key: string, path = '/api/v1/projects') =>
    (await request.get(path, { headers: { authorization: `Bearer ${key}` } })).status();
  expect(await answer(first)).toBe(200);
  expect(await answer(first, '/api/v1/populations')).toBe(403);
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect(page.getByText(first)).toHaveCount(0);
  await page.reload();
  const row = page.getByRole('row', { name: /nightly import/ });
  await expect(row).toContainText('projects:read');

  await page.getByRole('button', { name: 'Rotate nightly import' }).click();
  await page.getByRole('button', { name: 'End the old secret now' }).click();
  const second = (await secret.locator('code').textContent()) ?? '';
  expect(second).not.toBe(first);
  await expect.poll(() => answer(first)).toBe(401);
  expect(await answer(second)).toBe(200);
  await page.getByRole('button', { name: 'I have it' }).click();

  await page.getByRole('button', { name: 'Revoke nightly import' }).click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  expect(await answer(second)).toBe(200);
  await page.getByRole('button', { name: 'Revoke nightly import' }).click();
  await page.getByRole('button', { name: 'Revoke for good' }).click();
  await expect(row).toContainText('revoked');
  await expect.poll(() => answer(second)).toBe(401);
  await inspect(page, '51-api-keys');
});
