/** An organization grows: invited, joined, changed, refused, several at once, renamed. */
import type { Browser, Page } from '@playwright/test';
import { mailedLink } from '../support/mail';
import { expect, inspect, PASSWORD, register, test } from '../support/test';

const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

/** In the header, not in the menu that hangs under it. */
const organization = (page: Page, name: string) =>
  page.locator('header > div > span', { hasText: new RegExp(`^${name}$`) });

async function follow(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await expect(title(page, name)).toBeVisible();
}

/** The link is mailed too; the page shows it once. */
async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Role').selectOption(role);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const region = page.getByRole('region', { name: `Link for ${email}` });
  await expect(region).toBeFocused();
  return (await region.locator('code').textContent()) ?? '';
}

const stranger = async (browser: Browser, baseURL: string | undefined) =>
  (await browser.newContext({ baseURL: baseURL ?? '' })).newPage();

test('members are invited, changed and refused, and work in several organizations', async ({
  page,
  browser,
  baseURL,
  complaints,
}) => {
  // Never one of an earlier run: an address takes only so many sign-ups.
  const bobs = `bob-${Date.now()}@example.org`;
  await register(page, 'Growing Office');
  await follow(page, 'Members');
  await invite(page, 'cara@example.org', 'admin');
  const link = await invite(page, bobs, 'analyst');
  const invited = page.getByRole('table', { name: 'Who is invited, newest first' });
  await expect(invited.getByRole('row')).toHaveCount(3);
  await inspect(page, '80-members');
  await page.getByRole('button', { name: 'Revoke the invitation of cara@example.org' }).click();
  await expect(invited.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: `Send again to ${bobs}` }).click();
  const region = page.getByRole('region', { name: `Link for ${bobs}` });
  await expect(region.locator('code')).not.toHaveText(link);
  const shown = new URL((await region.locator('code').textContent()) ?? '');
  const newLink = shown.pathname + shown.hash;
  await expect.poll(() => mailedLink(bobs, 'invitation')).toBe(newLink);

  // Somebody without an account; the earlier link has ended.
  const bob = await stranger(browser, baseURL);
  await bob.goto(link);
  await expect(bob.getByRole('alert')).toContainText('Ask whoever invited you');
  await bob.goto('/sign-in');
  await bob.goto(newLink);
  await expect(title(bob, 'Join Growing Office')).toBeVisible();
  expect(new URL(bob.url()).hash).toBe('');
  await bob.getByLabel('Your name').fill('Bob Example');
  await inspect(bob, '81-invitation');
  await bob.getByLabel('Password').fill(PASSWORD);
  await bob.getByRole('button', { name: 'Create the account and join' }).click();
  await expect(title(bob, 'Projects')).toBeVisible();
  await bob.getByRole('button', { name: 'Account' }).click();
  await expect(bob.getByRole('link', { name: 'Profile' })).toBeVisible();
  await expect(bob.getByRole('link', { name: 'Members' })).toHaveCount(0);
  await bob.goto('/admin/members');
  await expect(bob.getByText('An owner or admin of your organization can grant it.')).toBeVisible();

  // The owner changes Bob, and cannot leave the organization without an owner.
  await page.reload();
  await page.getByRole('button', { name: 'Change Bob Example' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Role').selectOption('owner');
  await inspect(page, '82-member');
  await sheet.getByLabel('Role').selectOption('viewer');
  await sheet.getByRole('button', { name: 'Save the role' }).click();
  const row = page.getByRole('row', { name: /Bob Example/ });
  await expect(row).toContainText('viewer');
  await sheet.getByRole('button', { name: 'Suspend Bob Example' }).click();
  await expect(row).toContainText('suspended');
  await bob.goto('/projects');
  await expect(title(bob, 'Sign in')).toBeVisible();
  await sheet.getByRole('button', { name: 'Resume Bob Example' }).click();
  await expect(row).toContainText('active');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Change Bob Example' })).toBeFocused();
  await page.getByRole('button', { name: 'Change Ada Example' }).click();
  await sheet.getByRole('button', { name: 'Leave the organization' }).click();
  await sheet.getByRole('button', { name: 'Leave for good' }).click();
  await expect(sheet.getByRole('alert')).toContainText('Ada Example is the only active owner.');
  await page.keyboard.press('Escape');

  // Somebody with an organization of their own finds the invitation by the verified address.
  const dora = await stranger(browser, baseURL);
  const email = await register(dora, 'Office of Dora');
  await invite(page, email, 'analyst');
  // Opened where nobody is signed in: the token is in no address, and signing in goes on with it.
  const fresh = await stranger(browser, baseURL);
  await fresh.goto(await mailedLink(email, 'verify-address'));
  await expect(title(fresh, 'Verify your address')).toBeVisible();
  expect(new URL(fresh.url()).pathname + new URL(fresh.url()).search).toBe('/verify-address');
  await inspect(fresh, '85-verify-address');
  await fresh.getByLabel('Email').fill(email);
  await fresh.getByLabel('Password').fill(PASSWORD);
  await fresh.getByRole('button', { name: 'Sign in and verify' }).click();
  await expect(title(fresh, 'Your address is verified')).toBeVisible();
  await fresh.close();
  await follow(dora, 'Profile');
  await dora.getByLabel(/^Name/).fill('Dora Example');
  await dora.getByRole('button', { name: 'Save' }).click();
  await follow(dora, 'Organizations');
  await dora.getByLabel(/^Name/).fill('Third Office');
  await dora.getByRole('button', { name: 'Found it' }).click();
  await expect(dora.getByRole('row', { name: /Third Office.*owner/ })).toBeVisible();
  await dora.getByLabel('New name').fill('Office of Dora and Friends');
  await dora.getByRole('button', { name: 'Rename' }).click();
  await expect(organization(dora, 'Office of Dora and Friends')).toBeVisible();
  await inspect(dora, '83-organizations');
  await dora.getByRole('button', { name: 'Join Growing Office' }).click();
  await expect(organization(dora, 'Growing Office')).toBeVisible();
  await follow(dora, 'Profile');
  await dora.getByRole('button', { name: 'Account' }).click();
  await expect(dora.locator('#account')).toContainText('Dora Example');
  await expect(dora.getByRole('button', { name: 'Third Office' })).toBeVisible();
  await inspect(dora, '84-profile-and-menu');
  await dora.getByRole('button', { name: 'Third Office' }).click();
  await expect(organization(dora, 'Third Office')).toBeVisible();

  // Removed and invited again, the link lets in whoever is signed in elsewhere.
  await page.reload();
  await page.getByRole('button', { name: 'Change Dora Example' }).click();
  await sheet.getByRole('button', { name: 'Remove Dora Example' }).click();
  await sheet.getByRole('button', { name: 'Remove for good' }).click();
  await expect(page.getByRole('row', { name: /Dora Example/ })).toHaveCount(0);
  await dora.goto(await invite(page, email, 'viewer'));
  await dora.getByRole('button', { name: 'Join Growing Office' }).click();
  await expect(organization(dora, 'Growing Office')).toBeVisible();

  // The browser reports the refused removal of the last owner; nothing else went wrong.
  expect(complaints.every((text) => text.includes('409'))).toBe(true);
  complaints.length = 0;
});
