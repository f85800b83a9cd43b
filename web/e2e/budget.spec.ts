/** What a visitor waits for: sizes of the build, first paint of the list, shifts of the layout. */
import { spawnSync } from 'node:child_process';
import { expect, register, test } from './support/test';

const LCP_MS = 2_000;
const SHIFT = 0.02;

test('the build stays within its sizes', () => {
  const run = spawnSync('node', ['scripts/budget.mjs'], { encoding: 'utf8' });
  expect(run.status, run.stdout + run.stderr).toBe(0);
});

test('the list paints soon and does not jump', async ({ page }) => {
  await register(page, 'Fast Organization');
  await page.addInitScript(() => {
    const seen = { lcp: 0, shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.lcp = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.reload();
  await expect(page.getByText('A project asks questions of one population')).toBeVisible();
  await page.waitForTimeout(500);
  const seen = await page.evaluate(
    () => (window as unknown as { seen: { lcp: number; shift: number } }).seen,
  );
  expect(seen.lcp).toBeGreaterThan(0);
  expect(seen.lcp).toBeLessThan(LCP_MS);
  expect(seen.shift).toBeLessThan(SHIFT);
});
