/**
 * What should one decision maker do: search, best paths, a path as a world, and no path at all.
 * Then what if two react in that world: the difference that they make, and their ledger.
 */
import { createProject, importPeople } from '../support/people';
import { expect, inspect, register, test } from '../support/test';

test('plan within a budget, then let actors react', async ({ page, complaints }) => {
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
  const run = page.getByRole('button', { name: 'Run with actors' });
  const actor = (number: number) => page.getByRole('group', { name: `Actor ${number}` });
  const deed = actor(1).getByRole('group', { name: 'Action 1' });
  await run.click();
  await expect(actor(1).getByLabel('Called')).toHaveAccessibleDescription(/Give it a name\./);
  await actor(1).getByLabel('Called').fill('regulator');
  await deed.getByLabel('Name').fill('subsidise');
  await deed.getByLabel('Value').fill('0.5');
  await deed.getByLabel('Cost').fill('5');
  await deed.getByLabel('Open').selectOption('adopted');
  await deed.getByLabel('Threshold').fill('99');
  // More than the server takes: refused there, told at its field.
  await deed.getByLabel('Most uses').fill('601');
  await run.click();
  await expect(deed.getByLabel('Most uses')).toHaveAccessibleDescription(/600/);
  expect(complaints.every((text) => text.includes('422'))).toBe(true);
  complaints.length = 0;
  await deed.getByLabel('Most uses').fill('2');
  await actor(1).getByLabel('First decides in month').fill('2');

  const another = page.getByRole('button', { name: 'Another actor' });
  await another.click();
  await another.click();
  await page.getByRole('button', { name: 'Remove actor 2' }).click();
  await expect(actor(3)).toBeHidden();
  await actor(2).getByLabel('Called').fill('lobby');
  const reply = actor(2).getByRole('group', { name: 'Action 1' });
  await reply.getByLabel('Name').fill('advertise');
  await reply.getByLabel('Changes').selectOption('advertising');
  await reply.getByLabel('How').selectOption('set');
  await reply.getByLabel('Value').fill('300');
  await run.click();

  const ledger = page.getByRole('table', { name: 'Ledger of the actions taken' });
  await expect(ledger).toBeVisible({ timeout: 120_000 });
  const line = (name: RegExp) => ledger.getByRole('row', { name }).first();
  await expect(line(/month.1 .*lobby: advertise/i)).toContainText('→');
  // The lobby acts a month earlier, in every replicate.
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(line(/month.2 .*regulator: subsidise/i)).toContainText('→');
  await expect(
    page.getByRole('heading', { name: 'Taken: regulator: subsidise and lobby: advertise' }),
  ).toBeVisible();
  await expect(
    page.getByRole('heading', { name: /adopted.*(pp|no clear difference)/i }).first(),
  ).toBeVisible();
  await expect(page.getByRole('table', { name: 'How often each action was used' })).toContainText(
    'adopted < 99',
  );
  await inspect(page, '32-actors');
});
