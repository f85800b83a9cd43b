/** Files as people have them: a workbook and a questionnaire's file become people and a baseline. */
import { resolve } from 'node:path';
import { expect, register, test } from '../support/test';

const WORKBOOK = resolve('e2e/support/files/voters.xlsx');
const QUESTIONNAIRE = resolve('e2e/support/files/voters.sav');

test('a workbook and a questionnaire to a baseline, and their end', async ({
  page,
  complaints,
}) => {
  await register(page, 'Real Files');
  await page.getByRole('link', { name: 'Populations' }).click();

  await test.step('the sheet with the people is chosen, its title left out', async () => {
    await page.getByLabel('File with people').setInputFiles(WORKBOOK);
    await page.getByLabel('Sheet').selectOption('Voters');
    await expect(page.getByLabel('Row with the column names')).toHaveValue('3');
    await page.getByLabel('How many').fill('1000');
    await page.getByRole('button', { name: 'Import people' }).click();
    await expect(page.getByRole('heading', { name: '300 of 300 rows imported' })).toBeVisible({
      timeout: 90_000,
    });
  });

  await test.step('it gets another name', async () => {
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Name').fill('Wave three');
    await page.getByLabel('Tags').fill('pilot, 2024');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: 'Wave three' })).toBeVisible();
  });

  await test.step('a file of SPSS has its labels, and codes for no answer', async () => {
    await page.getByRole('link', { name: 'Populations' }).click();
    await expect(page.getByText('pilot · 2024')).toBeVisible();
    await page.getByLabel('File with people').setInputFiles(QUESTIONNAIRE);
    await expect(page.getByText('Which party would you vote for?')).toBeVisible();
    await expect(page.getByText('No answer: 99 refused (9)')).toBeVisible();
    await page.getByLabel('How many').fill('1000');
    await page.getByRole('button', { name: 'Import people' }).click();
    await expect(page.getByRole('heading', { name: '300 of 300 rows imported' })).toBeVisible({
      timeout: 90_000,
    });
  });

  await test.step('people are deleted once no project uses them', async () => {
    await page.getByRole('link', { name: 'Populations' }).click();
    await page.getByRole('link', { name: /Wave three/ }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Delete population' }).click();
    await page.getByRole('button', { name: 'Delete “Wave three” for good' }).click();
    await expect(page.getByRole('heading', { name: 'Populations', level: 1 })).toBeVisible();
    await expect(page.getByText('Wave three')).toHaveCount(0);
  });
  expect(complaints).toEqual([]);
});
