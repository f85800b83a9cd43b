/** What runs now, how far it is, and the way to stop it, from wherever somebody is. */
import { createProject, importPeople } from '../support/people';
import { expect, inspect, register, test } from '../support/test';

test('a search is followed and stopped from the header', async ({ page }) => {
  await register(page, 'Busy Office');
  const activity = page.getByRole('button', { name: /^Activity/ });
  const menu = page.getByRole('dialog', { name: 'Activity' });
  await activity.click();
  await expect(menu.getByText('Nothing is running')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(activity).toBeFocused();

  // So many that a search of them outlasts the look at the page by far.
  await importPeople(page, 200_000);
  await activity.click();
  await expect(menu.getByRole('list', { name: 'Ended last' })).toContainText(
    /heating.*succeeded.*Import/,
  );
  await menu.getByRole('link', { name: /heating/ }).click();
  await expect(menu).toBeHidden();
  await page.waitForURL('**/populations/**');

  await createProject(page, { name: 'Car sharing', domain: 'adoption', horizon: 60 });
  await page.getByRole('link', { name: 'Plans' }).click();
  const action = page.getByRole('group', { name: 'Action 1' });
  await action.getByLabel('Name').fill('discount');
  await action.getByLabel('Value').fill('0.5');
  // Sixty times to act, and up to nine acts: far more paths than anybody waits for.
  await page
    .getByLabel(/^When, in/)
    .fill(Array.from({ length: 60 }, (_, index) => index + 1).join(', '));
  await page.getByLabel('Most steps').fill('9');
  await page.getByRole('button', { name: 'Search plans' }).click();
  await expect(activity).toHaveAccessibleName('Activity, 1 task running');
  await page.getByRole('link', { name: 'Projects', exact: true }).click();
  await activity.focus();
  await page.keyboard.press('Enter');
  const running = menu.getByRole('list', { name: 'Running' });
  await expect(running).toContainText(/Car sharing.*Plan/);
  await inspect(page, '40-activity');
  // By keyboard: the title first, then the way to stop it.
  await page.keyboard.press('Tab');
  await expect(running.getByRole('link')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(running.getByRole('button', { name: /^Cancel Car sharing/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(menu.getByRole('list', { name: 'Ended last' })).toContainText(
    /Car sharing.*cancelled/,
  );
  await expect(activity).toHaveAccessibleName('Activity');
  await inspect(page, '41-activity-ended');
  await menu.getByRole('link', { name: /Car sharing/ }).click();
  await page.waitForURL('**/plans?plan=**');
  await expect(page.getByText('cancelled').first()).toBeVisible();
});
