/** What a visitor pays for and sees: sizes of the build, shifts of the layout. Times: `make bench`. */
import { spawnSync } from 'node:child_process';
import { expect, register, test } from './support/test';

const SHIFT = 0.02;

test('the build stays within its sizes', () => {
  const run = spawnSync('node', ['scripts/budget.mjs'], { encoding: 'utf8' });
  expect(run.status, run.stdout + run.stderr).toBe(0);
});

test('the list does not jump while it loads', async ({ page }) => {
  await register(page, 'Steady Organization');
  await page.addInitScript(() => {
    const seen = { shift: 0, paints: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      seen.paints += list.getEntries().length;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.reload();
  await expect(page.getByText('A project asks questions of one population')).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  // The observers are told after a frame, so the paint is awaited before the shifts are read.
  await page.waitForFunction(
    () => (window as unknown as { seen: { paints: number } }).seen.paints > 0,
  );
  const shift = await page.evaluate(
    () => (window as unknown as { seen: { shift: number } }).seen.shift,
  );
  expect(shift).toBeLessThan(SHIFT);
});
