/** An owner reads what was done: filters in the address, an entry whole, a file of what matches. */
import { readFile } from 'node:fs/promises';
import { expect, inspect, register, test } from '../support/test';

test('what was done is found, opened and exported', async ({ page }) => {
  await register(page, 'Audited Office');
  await page.goto('/admin/api-keys');
  await page.getByLabel('Name').fill('=cmd nightly');
  await page.getByLabel('projects:read').check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByRole('heading', { name: 'Copy the key now' })).toBeVisible();

  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('link', { name: 'Audit' }).click();
  const table = page.getByRole('table', { name: 'Audit entries' });
  await expect(table.getByRole('row', { name: /api_key\.create/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /entr(y|ies), 0 denied/ })).toBeVisible();
  await inspect(page, '70-audit');

  await page.getByLabel('Action').selectOption({ value: 'api_key.create' });
  await page.waitForURL('**/admin/audit?action=api_key.create');
  await expect(table.getByRole('row')).toHaveCount(2);
  await table.getByRole('button', { name: 'api_key.create' }).click();
  const sheet = page.getByRole('dialog', { name: /api_key\.create/i });
  await expect(sheet.getByRole('table', { name: 'What changed' })).toBeVisible();
  await expect(page).toHaveURL(/entry=/);
  await inspect(page, '71-audit-entry');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as JSON lines' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).action)).toEqual(['api_key.create']);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.reload();
  // Who takes a copy is on record too.
  await expect(table.getByRole('row', { name: /audit.*export/ })).toBeVisible();
});
