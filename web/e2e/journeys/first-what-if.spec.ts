/** The main job, on real people: register → CSV → baseline → ask → map → compare → replay. */
import type { Page } from '@playwright/test';
import { HEATING } from '../support/people';
import { expect, inspect, register, test } from '../support/test';
import { slide } from '../support/touch';

test.use({ hasTouch: true });

const QUESTION = 'What if a subsidy cuts the installation cost of heat pumps by 30% from month 6?';

// Nobody's word for a change, though all slots of one are in it.
const VAGUE =
  'What if my neighbour says the installation cost of heat pumps falls by 30% from month 6?';

const outcomeChart = (page: Page) =>
  page.getByRole('img', { name: /^Heat pump, share of .* by month against the baseline/i });

test('the first what-if', async ({ page }) => {
  await register(page, 'Pacific Energy Lab');
  await expect(page.getByText('A project asks questions of one population')).toBeVisible();

  await test.step('a project from the shipped file', async () => {
    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Project name').pressSequentially('Heat pumps in California');
    await page
      .getByLabel('What do you want to find out?')
      .fill('Which subsidy brings the most heat pumps into homes?');
    await inspect(page, '01-goal');
    await page.getByRole('button', { name: 'Continue' }).click();

    await page.getByLabel('File with people').setInputFiles(HEATING);
    await expect(page.getByRole('heading', { name: 'What the columns mean' })).toBeVisible();
    await expect(page.getByLabel('Choice column')).toHaveValue('depvar');
    await inspect(page, '02-mapping');
    await page.getByLabel('How many').fill('20000');
    await page.getByRole('button', { name: 'Import people' }).click();
    await expect(page.getByRole('heading', { name: '900 of 900 rows imported' })).toBeVisible({
      timeout: 90_000,
    });
    // The address alone brings the finished import back.
    await page.reload();
    const table = page.getByRole('table', { name: 'Estimated coefficients' });
    await expect(table.getByRole('row', { name: /installation cost/i })).toContainText(
      '−0.00153315',
    );
    await expect(page.getByText('−1,008.23')).toBeVisible();
    await inspect(page, '03-people');
    await page.getByRole('button', { name: 'Continue' }).click();

    await expect(page.getByRole('radio', { name: /Consumer choice/ })).toBeChecked();
    await page.getByRole('button', { name: 'Continue' }).click();

    await expect(page.getByRole('spinbutton', { name: 'Horizon' })).toHaveValue('36');
    await inspect(page, '04-outcome');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByRole('heading', { name: 'What will be created' })).toBeVisible();
    await inspect(page, '05-review');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL('**/universe**');
  });

  await test.step('the baseline', async () => {
    await inspect(page, '06-before-baseline');
    await page.getByRole('button', { name: /run baseline/i }).click();
    await expect(page.getByRole('textbox', { name: 'Ask a what-if question' })).toBeEnabled({
      timeout: 90_000,
    });
    await expect(outcomeChart(page)).toHaveAccessibleName(/Baseline, heat pump: .* replicates/);
    await inspect(page, '07-baseline');
  });

  await test.step('the question: what is read of it, and what may be meant, by keyboard', async () => {
    const field = page.getByRole('textbox', { name: 'Ask a what-if question' });
    await field.fill(QUESTION);
    const read = page.locator('form p span.underline');
    await expect(read).toHaveText(QUESTION.slice('What if '.length, -1));
    await field.fill(VAGUE);
    const offer = page.getByRole('region', { name: 'What is meant' });
    await offer
      .getByRole('button', { name: /^Installation cost of heat pump/ })
      .first()
      .press('Enter');
    await expect(offer.getByText(/\$[\d,]+ → \$[\d,]+/).first()).toBeVisible();
    await expect(offer.getByText(/from month.6, for 20,000.personas/)).toBeVisible();
    await inspect(page, '08-meant');
    await offer.getByRole('button', { name: 'Yes, run this' }).press('Enter');
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible({
      timeout: 90_000,
    });
    const chart = outcomeChart(page);
    await expect(chart).toHaveAccessibleName(/ against .* pp higher \(90 % of 20 replicates\)/);
    await expect(chart.locator('[data-part="baseline"] [stroke-dasharray]')).toHaveCount(1);
    await expect(chart.locator('[data-part="series"] [data-part="band-90"]')).toHaveCount(1);
    await expect(chart.locator('[data-part="event"]')).toHaveCount(1);
    await page.getByRole('button', { name: 'Systems', exact: true }).click();
    await expect(chart).toHaveAccessibleName(/^Heat pump, share of systems by month/i);
    await page.getByRole('button', { name: 'New installations', exact: true }).click();
    await inspect(page, '08-answer');
  });

  await test.step('the map under fingers', async () => {
    const cards = page.locator('[data-node]');
    await expect(cards).toHaveCount(2);
    const box = await page.getByRole('region', { name: 'Universe map' }).boundingBox();
    if (!box) throw new Error('the map is not on the page');
    const at = (dx: number) => ({ x: box.x + box.width / 2 + dx, y: box.y + 70 });
    const lefts = () =>
      cards.evaluateAll((all) => all.map((card) => Math.round(card.getBoundingClientRect().left)));
    const before = await lefts();
    const apart = ([first = 0, second = 0]: number[]) => Math.abs(second - first);

    await slide(page, [[at(0), at(30)]]);
    await expect.poll(lefts).toEqual(before.map((left) => left + 30));
    await slide(page, [
      [at(-40), at(-80)],
      [at(40), at(80)],
    ]);
    // As large as cards get.
    await expect.poll(async () => apart(await lefts()) / apart(before)).toBeCloseTo(1.25);
    await slide(page, [
      [at(-80), at(-40)],
      [at(80), at(40)],
    ]);
    await expect(cards).toHaveCount(0);
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(lefts).toEqual(before);
    await page.getByRole('button', { name: 'Close the inspector' }).click();
    await cards.last().tap();
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible();
  });

  await test.step('the comparison', async () => {
    await page.getByRole('link', { name: /compare with baseline/i }).click();
    await page.waitForURL('**/compare**');
    await expect(page.getByText(/ pp/).first()).toBeVisible();
    await expect(page.getByRole('table', { name: /^Drivers of heat pump/i })).toBeVisible();
    await expect(page.getByRole('table', { name: /^Assumptions about heat pump/ })).toBeVisible();
    await expect(page.getByRole('table', { name: /^With social rules/ })).toBeVisible();
    await expect(page.getByRole('table', { name: /^Without social rules/ })).toBeVisible();
    await inspect(page, '09-compare');
    await page.getByRole('link', { name: 'Report' }).click();
    await expect(page.getByRole('region', { name: 'What the interval holds' })).toContainText(
      'replicates',
    );
    await expect(page.getByRole('list', { name: 'Changes, in their order' })).toBeVisible();
    await inspect(page, '09-report');
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
    await expect(page.getByRole('link', { name: 'Populations' })).toBeHidden();
    await page.emulateMedia({ media: null });
    await page.goBack();
    await page.goBack();
  });

  await test.step('a question that is read as it is', async () => {
    await page.getByRole('textbox', { name: 'Ask a what-if question' }).fill(QUESTION);
    await page.keyboard.press('Enter');
    await expect(page.locator('[data-node]')).toHaveCount(3);
    await expect(page.getByRole('link', { name: /compare with baseline/i })).toBeVisible({
      timeout: 90_000,
    });
  });

  await test.step('the replay', async () => {
    await page.getByRole('link', { name: 'Replay', exact: true }).click();
    await page.waitForURL('**/replay**');
    await expect(page.getByRole('slider').first()).toBeVisible();
    await inspect(page, '10-replay');
  });

  await test.step('back at the list', async () => {
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: 'Projects', exact: true })
      .click();
    const row = page.getByRole('row', { name: /Heat pumps in California/ });
    await expect(row).toContainText('%');
    await inspect(page, '11-projects');
    await page.getByRole('link', { name: 'Populations', exact: true }).click();
    await expect(page.getByRole('row', { name: /heating/ })).toContainText('20,000');
    await inspect(page, '12-populations');
  });
});
