/**
 * What should one decision maker do: search, best paths, a path as a world, and no path at all.
 * Then what if somebody reacts in that world: the difference that an actor makes, and its ledger.
 */
import { createProject, importPeople } from '../support/people';
import { expect, inspect, register, test } from '../support/test';

test('plan within a budget, then let an actor react', async ({ page, complaints }) => {
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

  await page.getByRole('link', { name: 'Actors' }).click();
  const run = page.getByRole('button', { name: 'Run with the actor' });
  await run.click();
  await expect(page.getByLabel('Actor', { exact: true })).toHaveAccessibleDescription(
    /Give it a name\./,
  );
  await page.getByLabel('Actor', { exact: true }).fill('regulator');
  await action(1).getByLabel('Name').fill('subsidise');
  await action(1).getByLabel('Value').fill('0.5');
  await action(1).getByLabel('Cost').fill('5');
  await action(1).getByLabel('Open').selectOption('adopted');
  await action(1).getByLabel('Threshold').fill('99');
  // More than the server takes: refused there, told at its field.
  await action(1).getByLabel('Most uses').fill('601');
  await run.click();
  await expect(action(1).getByLabel('Most uses')).toHaveAccessibleDescription(/600/);
  expect(complaints.every((text) => text.includes('422'))).toBe(true);
  complaints.length = 0;
  await action(1).getByLabel('Most uses').fill('2');
  await page.getByLabel('First decides in month').fill('2');
  await run.click();

  const ledger = page.getByRole('table', { name: 'Ledger of the actions taken' });
  await expect(ledger).toBeVisible({ timeout: 120_000 });
  await expect(
    ledger.getByRole('row', { name: /month.2 .*regulator: subsidise/i }).first(),
  ).toContainText('→');
  await expect(
    page.getByRole('heading', { name: /adopted.*(pp|no clear difference)/i }).first(),
  ).toBeVisible();
  await expect(page.getByRole('table', { name: 'How often each action was used' })).toContainText(
    'adopted < 99',
  );
  await inspect(page, '32-actors');
});
