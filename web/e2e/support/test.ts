import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import type { Database } from './database';
import { type Demo, type DemoOptions, startDemo } from './demo';
import { Guard } from './guard';
import { Api } from './people';
import { Sandbox } from './sandbox';

export { expect };

export interface Options {
  /** Which database the demo runs on. */
  readonly database: Database;
}

export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly api: Api;
}

interface Fixtures {
  readonly guard: Guard;
  readonly sandbox: Sandbox;
  /** Opens a browser of its own for somebody; with an address, already signed in. */
  readonly person: (email?: string) => Promise<Person>;
}

interface WorkerFixtures extends Options {
  /** How the demo is started, where it matters. */
  readonly demoOptions: DemoOptions;
  readonly demo: Demo;
}

/** Every test drives the real binary in a real browser, and nothing may go wrong beside what it looks at. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  database: ['sqlite', { option: true, scope: 'worker' }],

  demoOptions: [{}, { option: true, scope: 'worker' }],

  demo: [
    async ({ database, demoOptions }, use) => {
      const demo = await startDemo(database, demoOptions);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  baseURL: async ({ demo }, use) => use(demo.url),

  sandbox: async ({ demo }, use) => use(new Sandbox(demo.sandboxUrl)),

  guard: [
    async ({ demo }, use) => {
      const guard = new Guard(demo.url);
      await use(guard);
      expect(guard.found(), 'nothing goes wrong in the browser').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, guard }, use) => {
    await guard.watch(context);
    await use(context);
  },

  person: async ({ browser, demo, guard }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (email) => {
      const context = await browser.newContext({ baseURL: demo.url });
      contexts.push(context);
      await guard.watch(context);
      const api = new Api(context, demo.url, new Sandbox(demo.sandboxUrl));
      if (email) await api.signIn(email);
      return { context, page: await context.newPage(), api };
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});
