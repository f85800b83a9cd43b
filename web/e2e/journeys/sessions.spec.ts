/** Somebody sees where they are signed in, ends another device, then all of them. */
import { codeOf } from '../support/authenticator';
import { expect, inspect, PASSWORD, register, test } from '../support/test';

test('another device is signed out, then all are', async ({
  page,
  browser,
  baseURL,
  complaints,
}) => {
  const email = await register(page, 'Careful Office');
  const elsewhere = await browser.newContext({ baseURL: baseURL ?? '' });
  const other = await elsewhere.newPage();
  await other.goto('/sign-in');
  await other.getByLabel('Email').fill(email);
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();

  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('link', { name: 'Security' }).click();
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(page.getByRole('row', { name: /this one/ })).toContainText('Careful Office');
  await inspect(page, '60-sessions');
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click();
  await expect(rows).toHaveCount(2);
  await other.reload();
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await elsewhere.close();

  await page.getByLabel('Present password').fill('not the right sentence');
  await page.getByLabel('New password').fill(`${PASSWORD} at all`);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByRole('alert')).toContainText('The present password is wrong');
  await page.getByLabel('Present password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('The new password is in force.')).toBeVisible();

  // A second factor: set up by a code of the app, then signing in takes one too.
  await page.getByRole('textbox', { name: 'Your password' }).fill(`${PASSWORD} at all`);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the key below' })).toBeVisible();
  await inspect(page, '61-second-factor');
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.getByRole('button', { name: 'Put it in force' }).click();
  await expect(page.getByRole('alert')).toContainText('The code is wrong');
  const key = (await page.locator('form > code').textContent()) ?? '';
  await page.getByLabel('Code', { exact: true }).fill(codeOf(key));
  await page.getByRole('button', { name: 'Put it in force' }).click();
  const region = page.getByRole('region', { name: 'Recovery codes' });
  const codes = ((await region.locator('code').textContent()) ?? '').split('\n');
  expect(codes).toHaveLength(10);
  await region.getByRole('button', { name: 'I have it' }).click();
  await expect(page.getByText('10 recovery codes are left.')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('button', { name: /^End all of them/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.goto('/projects');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(`${PASSWORD} at all`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Code', { exact: true }).fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  // The browser reports that the cookie of an ended sign-in brings no token; nothing else went wrong.
  expect(complaints.every((text) => text.includes('401'))).toBe(true);
  complaints.length = 0;
});
