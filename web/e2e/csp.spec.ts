/** The policy holds without unsafe-inline, with menus and sheets open. */
import { expect, expectAccessible, register, test } from './support/test';

test('every answer has its own nonce and nothing inline', async ({ request }) => {
  const answers = await Promise.all([request.get('/'), request.get('/projects/any')]);
  const nonces = answers.map((answer) => {
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain('unsafe-eval');
    return policy.match(/'nonce-([^']+)'/)?.[1];
  });
  expect(nonces[0]).toBeTruthy();
  expect(nonces[0]).not.toBe(nonces[1]);
  const html = await answers[0]?.text();
  expect(html).not.toContain('__CSP_NONCE__');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(html).not.toMatch(/<style|\son\w+=/);
});

test('no policy report while everything that floats is open', async ({ page }) => {
  await register(page, 'Strict Organization');
  await page.getByRole('button', { name: 'Account' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Account' })).toBeFocused();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  await expectAccessible(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await page.goto('/projects/new?step=people&name=x');
  await page.getByLabel('File with people').setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('chosen,cost.gas,cost.pump\ngas,1,2\npump,3,2\n'),
  });
  await page.getByRole('tab', { name: 'First rows' }).click();
  await expect(page.getByRole('table', { name: 'First rows of the file' })).toBeVisible();
  // The page fixture fails on every policy report.
});
