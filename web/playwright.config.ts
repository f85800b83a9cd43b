import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

// None of them: Playwright's own. A missing browser fails the tests; nothing is skipped.
const browser = process.env.CHROMIUM || SYSTEM_BROWSERS.find((path) => existsSync(path));
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/support/server.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  // A journey waits for the server half of its time; each has an organization of its own.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  // Limits end what hangs; none is an expectation. A journey looks at many pages in both themes and
  // widths: a minute and a half on two idle cores, several times that on busy ones.
  timeout: 900_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    // Set by the global setup, which starts the server on a free port.
    ...(process.env.E2E_URL ? { baseURL: process.env.E2E_URL } : {}),
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    trace: 'retain-on-failure',
    actionTimeout: 60_000,
    launchOptions: {
      ...(browser ? { executablePath: browser } : {}),
      args: [
        ...(isRoot ? ['--no-sandbox'] : []),
        '--disable-dev-shm-usage',
        '--font-render-hinting=none',
      ],
    },
  },
});
