/** A ban, several values at once, and a value that is sought: each from the question to its answer. */
import { createProject, importPeople } from '../support/people';
import { expect, inspect, register, test } from '../support/test';

test('a ban, a sweep and a goal', async ({ page }) => {
  await register(page, 'Ministry of Heat');
  await importPeople(page);
  await createProject(page, { name: 'Heat pumps', domain: 'consumer_choice', horizon: 12 });
  await page.getByRole('button', { name: /run baseline/i }).click();
  const field = page.getByRole('textbox', { name: 'Ask a what-if question' });
  await expect(field).toBeEnabled({ timeout: 90_000 });
  const universe = page.url();

  await test.step('a ban: nobody chooses it', async () => {
    await field.fill('What if we ban heat pumps from month 3?');
    await expect(page.locator('form p span.underline')).toHaveText(/ban heat pumps from month 3/);
    await field.press('Enter');
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible({
      timeout: 90_000,
    });
    await expect(page.getByRole('heading', { name: /heat pump not available/i })).toBeVisible();
    await field.fill('Ban everything');
    await expect(
      page.getByText(/personas would have nothing left to choose/).first(),
    ).toBeVisible();
  });

  await test.step('several values: one click, one chart, by keyboard', async () => {
    await page.goto(universe);
    await field.fill('What if the installation cost of heat pumps is $600, $900 or $1,200?');
    await page.getByRole('button', { name: 'Ask all 3' }).press('Enter');
    await page.waitForURL('**/sweep?ask=**');
    const chart = page.getByRole('table', {
      name: /share of .* by installation cost of heat pump/,
    });
    await expect(chart.getByRole('link')).toHaveText(['$600', '$900', '$1,200'], {
      timeout: 120_000,
    });
    const arcs = page.getByRole('region', { name: 'Arc elasticity between neighbouring values' });
    await expect(arcs.getByRole('row', { name: /\$600 and \$900/ })).toContainText('−');
    await inspect(page, '40-sweep');
  });

  await test.step('a goal: the value is looked for, or is not there', async () => {
    await page.goto(universe);
    await field.fill('What installation cost gives heat pumps 10 %?');
    const goal = page.getByRole('form', { name: /^Which installation cost of heat pump/ });
    await goal.getByRole('button', { name: 'Find the value' }).press('Enter');
    await page.waitForURL('**/plans?plan=**');
    const best = page.getByRole('table', { name: 'The best paths by their own ensembles' });
    await expect(
      best.getByRole('row', { name: /installation cost of heat pump set to/i }),
    ).toBeVisible({ timeout: 120_000 });
    await inspect(page, '41-goal');
    await page.goto(universe);
    await field.fill('What installation cost gives heat pumps 99 %?');
    await goal.getByRole('button', { name: 'Find the value' }).click();
    await expect(page.getByRole('heading', { name: 'Not reached between the bounds' })).toBeVisible(
      {
        timeout: 120_000,
      },
    );
    await expect(page.getByText(/99 % of heat pump is not reached/)).toBeVisible();
  });
});
