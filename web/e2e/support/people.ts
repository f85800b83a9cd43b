/** People of the shipped survey, and projects made of them. */
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from './test';

export const HEATING = resolve('../server/src/agentverse/populations/datasets/heating.csv');

/** A small population: journeys of other domains need people, not many of them. */
export async function importPeople(page: Page, personas = 5_000): Promise<void> {
  await page.getByRole('link', { name: 'Populations' }).click();
  await page.getByLabel('File with people').setInputFiles(HEATING);
  await page.getByLabel('How many').fill(`${personas}`);
  await page.getByRole('button', { name: 'Import people' }).click();
  await expect(page.getByRole('heading', { name: '900 of 900 rows imported' })).toBeVisible({
    timeout: 90_000,
  });
}

/** A project of a domain with its defaults, from people who are there already. */
export async function createProject(
  page: Page,
  { name, domain, horizon }: { name: string; domain: string; horizon: number },
): Promise<void> {
  const next = page.getByRole('button', { name: 'Continue' });
  await page.goto(`/projects/new?step=goal&domain=${domain}`);
  await page.getByLabel('Project name').fill(name);
  await next.click();
  await page.getByRole('button', { name: 'Use heating' }).click();
  await next.click();
  await expect(page.getByRole('radio', { checked: true })).toHaveValue(domain);
  await next.click();
  await page.getByRole('spinbutton', { name: 'Horizon' }).fill(`${horizon}`);
  await next.click();
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.waitForURL('**/universe**');
}
