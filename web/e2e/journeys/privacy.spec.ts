/** Somebody takes their data along, then the organization is erased, and nobody gets in again. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { importPeople } from '../support/people';
import { expect, inspect, PASSWORD, register, test } from '../support/test';

async function exported(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button }).click();
  const download = page.getByRole('button', { name: /^Download/ }).first();
  await expect(download).toBeVisible();
  const saving = page.waitForEvent('download');
  await download.click();
  return (await saving).path();
}

test('data is exported and an organization deleted', async ({ page, complaints }) => {
  const email = await register(page, 'Forgettable Office');
  await importPeople(page);
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('link', { name: 'Privacy', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Privacy' })).toBeVisible();
  await expect(page.getByText('Nothing was asked for yet.')).toBeVisible();

  const file = await exported(page, 'Export the organization');
  // The directory of a zip names its parts in plain text.
  const archive = (await readFile(file)).toString('latin1');
  expect(archive).toContain('tables/populations.jsonl');
  expect(archive).toContain('manifest.json');
  await inspect(page, '90-privacy');

  // The only owner cannot simply vanish.
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Delete it for good' }).click();
  await expect(page.getByRole('alert')).toContainText("only owner of 'Forgettable Office'");
  await page.getByRole('button', { name: 'Keep everything' }).click();

  await page.getByRole('button', { name: 'Delete the organization' }).click();
  const sure = page.getByLabel(/^The name of the organization/);
  await sure.fill('Another Office');
  await page.getByRole('button', { name: 'Delete Forgettable Office for good' }).click();
  await expect(page.getByRole('alert')).toContainText("'Forgettable Office'");
  await inspect(page, '91-privacy-deleting');
  await sure.fill('Forgettable Office');
  await page.getByRole('button', { name: 'Delete Forgettable Office for good' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();

  // Once the job has begun, the address is nobody's any more.
  await expect(async () => {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText('Sign-in failed', { timeout: 2_000 });
  }).toPass();
  expect(complaints.every((text) => /\b(401|409|422|429)\b/.test(text))).toBe(true);
  complaints.length = 0;
});
