/** Another domain on people who are there already: project → baseline → tune → compare → replay. */
import type { Page } from '@playwright/test';
import { createProject, importPeople } from '../support/people';
import { expect, expectAccessible, inspect, register, test } from '../support/test';

const FOREIGN = /installation|system|heating|conformity|loss aversion/i;

/** No word of the survey's own domain where people adopt something. */
async function expectOwnWords(page: Page): Promise<void> {
  await expect(page.getByRole('main')).not.toContainText(FOREIGN);
}

test('tune what makes people adopt, and what they think', async ({ page }) => {
  await register(page, 'Diffusion Lab');
  await importPeople(page);

  await test.step('a project of another domain from the same people', async () => {
    await page.getByRole('link', { name: 'Projects', exact: true }).click();
    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Project name').fill('Car sharing');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Use heating' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();

    const choice = page.getByRole('radio', { name: /^Consumer choice/ });
    await expect(choice).toHaveAccessibleName(/closed form/);
    await page.getByRole('combobox', { name: 'Advertising' }).selectOption('wearing_out');
    await expect(choice).not.toHaveAccessibleName(/closed form/);
    await expect(page.getByText('not with these options')).toBeVisible();
    await expect(page).toHaveURL(/wearing_out/);
    // An address by hand, or one of an older server.
    await page.goto(page.url().replace('wearing_out', 'magic'));
    await page.getByRole('button', { name: 'Use the domain’s own options' }).click();
    await expect(page.getByRole('combobox', { name: 'Advertising' })).toHaveValue('off');
    await expect(page).not.toHaveURL(/magic/);

    await page.getByRole('radio', { name: /^Adoption/ }).check();
    const mechanism = page.getByRole('combobox', { name: 'How people take it up' });
    await mechanism.selectOption('complex');
    await expect(page).toHaveURL(/complex/);
    await mechanism.selectOption('bass');
    await inspect(page, '20-domain');
    await page.getByRole('button', { name: 'Continue' }).click();

    await expect(page.getByRole('combobox', { name: 'Outcome' })).toHaveValue('adopted');
    await page.getByRole('spinbutton', { name: 'Horizon' }).fill('24');
    await page.getByRole('spinbutton', { name: 'Adopted', exact: true }).fill('5');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('Together they are 105 %; they must be 100 %.')).toBeVisible();
    await page.getByRole('spinbutton', { name: 'Not yet adopted' }).fill('95');
    await page.getByText(/\d+ values, all with a default/).click();
    await page.getByRole('spinbutton', { name: 'Imitation' }).fill('3');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('From 0 to 0.8.')).toBeVisible();
    await page.getByRole('spinbutton', { name: 'Imitation' }).fill('0.5');
    await inspect(page, '21-behaviour');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('not yet adopted 95 %, adopted 5 %')).toBeVisible();
    await expect(page.getByText('24 months')).toBeVisible();
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL('**/universe**');
  });

  await test.step('the baseline', async () => {
    await page.getByRole('button', { name: /run baseline/i }).click();
    const chart = page.getByRole('img', { name: /^Adopted, share of people by month/ });
    await expect(chart).toHaveAccessibleName(/Baseline, adopted: .* of people/, {
      timeout: 90_000,
    });
    await expectOwnWords(page);
  });

  await test.step('a tuned copy, by keyboard', async () => {
    await page.getByRole('button', { name: /^Baseline/ }).click();
    await page.getByRole('button', { name: 'Tune', exact: true }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Tune and run a copy' });
    const price = sheet.getByRole('spinbutton', { name: 'Price', exact: true });
    await expect(price).toHaveValue('1');
    await expect(sheet.getByRole('spinbutton', { name: 'Imitation' })).toHaveValue('0.5');
    await price.fill('1000');
    await sheet.getByRole('button', { name: 'Tune and run' }).click();
    await expect(price).toBeFocused();
    await expect(sheet.getByText('From 0.01 to 100.')).toBeVisible();
    await expectAccessible(page, 'tune, wrong value');
    await price.fill('0.7');
    await sheet.getByRole('slider', { name: 'Advertising, slider' }).press('ArrowRight');
    await expect(sheet.getByText('2 values changed')).toBeVisible();
    await inspect(page, '22-tune');
    await price.press('Enter');
    await expect(sheet).toBeHidden();
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible({
      timeout: 90_000,
    });
    await expect(page).toHaveURL(/node=/);
    await expectOwnWords(page);
    await inspect(page, '23-tuned');
  });

  await test.step('the comparison', async () => {
    await page.getByRole('link', { name: /compare with baseline/i }).click();
    await page.waitForURL('**/compare**');
    await expect(page.getByRole('heading', { name: /share of people in month 24/ })).toBeVisible();
    await expect(page.getByRole('spinbutton', { name: 'At month' })).toHaveValue('24');
    await expect(page.getByRole('table', { name: /^Closed form/ })).toHaveCount(0);
    await expectOwnWords(page);
    await inspect(page, '24-compare-people');
    await page.goBack();
  });

  await test.step('the replay', async () => {
    await page.getByRole('link', { name: 'Replay', exact: true }).click();
    await page.waitForURL('**/replay**');
    await expect(page.getByRole('list', { name: 'States' })).toContainText('Not yet adopted');
    await expectOwnWords(page);
    await inspect(page, '25-replay-states');
  });

  await test.step('opinions: means in their own unit', async () => {
    await createProject(page, { name: 'Car sharing debate', domain: 'opinion', horizon: 12 });
    await page.getByRole('button', { name: /run baseline/i }).click();
    const figure = page.getByRole('region', { name: 'Outcome against the baseline' });
    const outcome = figure.getByRole('combobox', { name: 'Outcome of the chart' });
    await expect(outcome).toHaveValue('for', { timeout: 90_000 });
    await outcome.selectOption('level:opinion');
    await expect(
      figure.getByRole('heading', { name: /^Illustrative: Baseline: mean opinion/ }),
    ).toBeVisible();

    await page.getByRole('button', { name: /^Baseline/ }).click();
    await page.getByRole('button', { name: 'Tune', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'Tune and run a copy' });
    await sheet.getByRole('searchbox', { name: 'Find a variable' }).fill('campaign in favour');
    await sheet.getByRole('spinbutton', { name: 'Campaign for' }).fill('2');
    await sheet.getByLabel('Name of the copy').fill('A louder campaign');
    await sheet.getByRole('button', { name: 'Tune and run' }).click();
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible({
      timeout: 90_000,
    });
    await expect(figure.getByRole('heading', { name: /mean opinion .* against/i })).toBeVisible();
    await expect(figure.locator('[data-part="baseline"] [stroke-dasharray]')).toHaveCount(1);
    await expectOwnWords(page);

    await page.getByRole('link', { name: /compare with baseline/i }).click();
    const means = page.getByRole('table', { name: 'Means of every level' });
    await expect(means.getByRole('row', { name: /^Campaign exposure/ })).toContainText('contacts');
    await page.getByRole('combobox', { name: 'Mean over time' }).selectOption('exposure');
    await expect(page.getByRole('img', { name: /^Mean campaign exposure by week/ })).toBeVisible();
    await expectOwnWords(page);
    await inspect(page, '26-means');
    await page.goBack();
    await page.getByRole('link', { name: 'Replay', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Mean campaign exposure' })).toBeVisible();
  });
});
