/** Files that cannot be used: each says what to do, and nothing is half imported. */
import { expect, register, test } from '../support/test';

const csv = (name: string, text: string) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
});

test('wrong files are refused with a reason and the next one works', async ({
  page,
  complaints,
}) => {
  await register(page, 'Careful Organization');
  await page.getByRole('link', { name: 'Populations' }).click();
  const input = page.getByLabel('File with people');

  await input.setInputFiles(csv('people.por', 'x'));
  await expect(page.getByRole('alert')).toContainText('save it as .sav');

  await input.setInputFiles(csv('empty.csv', ''));
  await expect(page.getByRole('alert')).toContainText('empty');

  await input.setInputFiles(csv('twice.csv', 'a,b,a\n1,2,3\n'));
  await expect(page.getByRole('alert')).toContainText('same name');
  expect(complaints.every((text) => /4\d\d/.test(text))).toBe(true);
  complaints.length = 0;

  await page.reload();
  await expect(page.getByText('No population yet')).toBeVisible();

  const rows = Array.from({ length: 40 }, (_, i) => {
    const price = i === 7 ? 'cheap' : String(100 + ((i * 37) % 50));
    return `${i % 3 ? 'gas' : 'pump'},${price},${200 + ((i * 53) % 70)}`;
  });
  await input.setInputFiles(csv('small.csv', ['chosen,cost.gas,cost.pump', ...rows].join('\n')));
  await expect(page.getByRole('heading', { name: 'What the columns mean' })).toBeVisible();
  // One word among the prices makes the column text; it is suggested all the same.
  await expect(page.getByLabel('Choice column')).toHaveValue('chosen');
  await expect(page.getByRole('combobox', { name: 'gas', exact: true })).toHaveValue('cost.gas');
  await expect(page.getByRole('combobox', { name: 'pump', exact: true })).toHaveValue('cost.pump');
  await expect(page.getByText('cost.gas (1 value is no number)')).toBeVisible();
  await expect(page.getByText('rows without a number there are refused')).toBeVisible();
  await page.getByLabel('How many').fill('1000');
  await page.getByRole('button', { name: 'Import people' }).click();
  // One of forty is more than two in a hundred: nothing is left out without a yes.
  await expect(page.getByRole('heading', { name: '1 row of 40 would be left out' })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('table', { name: 'Rows that would be left out' })).toContainText(
    'cheap',
  );
  await expect(page.getByLabel('How many')).toHaveValue('1000');
  await page.getByLabel('Leave 1 row of 40 out').check();
  await page.getByRole('button', { name: 'Import people' }).click();
  await expect(page.getByRole('heading', { name: '39 of 40 rows imported' })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('table', { name: 'Refused rows' })).toContainText('cheap');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Refused rows' }).click();
  expect((await download).suggestedFilename()).toBe('refused-small.csv');
});
