/** Somebody sees where they are signed in, ends another device, then all of them. */
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

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('button', { name: /^End all of them/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.goto('/projects');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  // The browser reports that the cookie of an ended sign-in brings no token; nothing else went wrong.
  expect(complaints.every((text) => text.includes('401'))).toBe(true);
  complaints.length = 0;
});
