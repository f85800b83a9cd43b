/** `test` whose page collects what must never happen: console errors, exceptions, refused content. */
import { mkdir } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

const ARTIFACTS = 'e2e/artifacts';
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// What a theme can break; everything else is the same in both.
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const THEMES = ['dark', 'light'] as const;
const WIDTHS = [
  [1440, 900],
  [390, 844],
] as const;

export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          // biome-ignore lint/suspicious/noConsole: reported through the same channel as every other complaint
          console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
        });
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export async function showTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  const other = page.getByRole('button', { name: `Use the ${theme} theme` });
  const html = page.locator('html');
  if ((await html.getAttribute('data-theme')) === theme) return;
  // A sheet over the page keeps the button out of reach, and a click beside a popover closes it.
  const above = page.locator('dialog:modal, :popover-open');
  if ((await above.count()) === 0) await other.click();
  else await html.evaluate((root, value) => root.setAttribute('data-theme', value), theme);
  await expect(html).toHaveAttribute('data-theme', theme);
}

/** No axe violation, nothing wider than the window, pictures in both themes and widths. */
export async function inspect(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  const before = page.viewportSize();
  for (const [width, height] of WIDTHS) {
    await page.setViewportSize({ width, height });
    for (const theme of THEMES) {
      await showTheme(page, theme);
      await settle(page);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${name} at ${width} px is wider than the window`).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${ARTIFACTS}/${name}-${width}-${theme}.png`, fullPage: true });
      // Colours depend on the theme and structure on the width: dark tells all of a width, light
      // only its colours, once.
      const where = `${name}, ${width} px, ${theme}`;
      if (theme === 'dark') await expectAccessible(page, where);
      else if (width > 390)
        await expectNoViolation(new AxeBuilder({ page }).withRules(COLOUR_RULES), where);
    }
  }
  if (before) await page.setViewportSize(before);
  await showTheme(page, 'dark');
}

export async function expectAccessible(page: Page, name: string): Promise<void> {
  await expectNoViolation(new AxeBuilder({ page }).withTags(RULES), name);
}

async function expectNoViolation(axe: AxeBuilder, name: string): Promise<void> {
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    at: nodes.map((n) => n.html),
  }));
  expect(found, name).toEqual([]);
}

/** Pictures and contrasts are taken when nothing moves. */
async function settle(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    // The longest transition is 180 ms. Waiting for `finished` would hang: what stands inside a
    // closed disclosure never animates to its end.
    await new Promise((next) => setTimeout(next, 250));
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  });
}

export const PASSWORD = 'a sentence nobody guesses';

/** A new organization per test, so that tests share nothing. */
export async function register(page: Page, organization: string): Promise<string> {
  const email = `e2e-${Date.now()}-${Math.random().toString(36).slice(2, 8)}@example.org`;
  await page.goto('/register');
  await page.getByLabel('Organization').fill(organization);
  await page.getByLabel('Your name').fill('Ada Example');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  return email;
}
