/** What should one decision maker do: search, best paths, a path as a world, and no path at all. */
import { createProject, importPeople } from '../support/people';
import { expect, inspect, register, test } from '../support/test';

test('plan within a budget', async ({ page }) => {
  test.setTimeout(300_000);
  await register(page, 'Planning Office');
  await importPeople(page);
  await createProject(page, { name: 'Car sharing', domain: 'adoption', horizon: 12 });

  await page.getByRole('link', { name: 'Plans' }).click();
  const search = page.getByRole('button', { name: 'Search plans' });
  await search.click();
  await expect(page.getByText('Give it a name.')).toBeVisible();
  const action = (number: number) => page.getByRole('group', { name: `Action ${number}` });
  await action(1).getByLabel('Name').fill('discount');
  await action(1).getByLabel('Value').fill('0.5');
  await action(1).getByLabel('Cost').fill('80');
  await page.getByRole('button', { name: 'Another action' }).click();
  await action(2).getByLabel('Name').fill('advertise');
  await action(2).getByLabel('Changes').selectOption('advertising');
  await action(2).getByLabel('How').selectOption('set');
  await action(2).getByLabel('Value').fill('400');
  await action(2).getByLabel('Cost').fill('50');
  await page.getByLabel('Budget').fill('100');
  await search.click();

  const best = page.getByRole('table', { name: 'The best paths by their own ensembles' });
  await expect(best).toBeVisible({ timeout: 120_000 });
  await expect(best.getByRole('row', { name: /month.\d+: discount/i }).first()).toContainText('pp');
  await expect(page.getByRole('table', { name: 'What each constraint cut' })).toContainText(
    'budget',
  );
  await expect(page).toHaveURL(/plan=/);
  await inspect(page, '30-plan');

  await page.getByLabel('Must reach at least').fill('99');
  await search.click();
  await expect(page.getByRole('heading', { name: 'No path keeps to everything' })).toBeVisible({
    timeout: 120_000,
  });
  await inspect(page, '31-no-plan');

  await page.getByRole('list', { name: 'Plans' }).getByRole('button').last().click();
  await page.getByRole('button', { name: 'Make path 1 a world version' }).click();
  await page.waitForURL('**/universe?node=**');
  await expect(page.getByRole('heading', { name: /discount|advertise/i })).toBeVisible();
});
