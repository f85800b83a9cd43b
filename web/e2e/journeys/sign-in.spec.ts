/** Sign-in survives a reload, sign-out ends it, and links work before and after. */
import { expect, PASSWORD, register, test } from '../support/test';

test('a link leads through sign-in to its page', async ({ page, complaints }) => {
  const email = await register(page, 'Returning Organization');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  expect(complaints).toEqual([]);

  await page.getByRole('button', { name: 'Account' }).click();
  await expect(page.getByText(email)).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();

  await page.goto('/projects/new?step=goal&name=Kept');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('not the right sentence');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('Project name')).toHaveValue('Kept');

  // Without a sign-in the refresh and the wrong password are answered 401, which Chromium reports.
  expect(complaints.every((text) => text.includes('401'))).toBe(true);
  complaints.length = 0;
});

test('a used or invented one-time link says so, and its token leaves the address', async ({
  page,
  complaints,
}) => {
  await page.goto('/sign-in#token=not-a-token');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(new URL(page.url()).hash).toBe('');
  await expect(page.getByLabel('Password')).toBeVisible();
  expect(complaints.every((text) => /40[01]|422/.test(text))).toBe(true);
  complaints.length = 0;
});
