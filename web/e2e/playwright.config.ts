import { defineConfig, type ViewportSize } from '@playwright/test';
import { chromiumPath } from './support/chromium';
import { postgresUrl } from './support/database';
import type { Options } from './support/test';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const desktop: { viewport: ViewportSize } = { viewport: { width: 1280, height: 900 } };

const SPEED = /speed\.spec\.ts$/;

export default defineConfig<object, Options>({
  testDir: '.',
  outputDir: '../test-results',
  // Two at a time, each with a server of its own: more would measure the machine instead of the product.
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // A wait ends when what it waits for is there. These bounds say when it never will be, on a machine that is busy too.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['./support/reporter.ts']],
  use: {
    actionTimeout: 30_000,
    // A first visit stores the whole app on the device; the journeys that are about that say so.
    serviceWorkers: 'block',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // Nobody opens the traces of a fresh clone; writing them takes a tenth of the time.
    trace: process.env.CI ? 'off' : 'retain-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: [
    // Every journey on both databases and at both widths: each width has a database of its own where there are two.
    { name: 'phone', use: { ...phone, database: 'sqlite' }, testIgnore: SPEED },
    { name: 'desktop', use: { ...desktop, database: postgresUrl() ? 'postgres' : 'sqlite' }, testIgnore: SPEED },
    // Measures, and so is run by hand on a quiet machine: BILLOW_SPEED=1 npm run e2e -- --project=speed
    ...(process.env.BILLOW_SPEED
      ? [{ name: 'speed', use: { ...desktop, database: 'sqlite' as const }, testMatch: SPEED }]
      : []),
  ],
});
