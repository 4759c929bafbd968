import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { settled } from './support/pages';
import { ADMIN, ANNA } from './support/people';
import { expect, test } from './support/test';

/** Where the pictures of the pages go, for people to look at. They are not kept. */
const SCREENS = new URL('../test-results/screens/', import.meta.url).pathname;

const SCHEMES = ['light', 'dark'] as const;

interface Look {
  readonly name: string;
  readonly path: string | ((page: Page) => Promise<void>);
}

/** Follows the first link of a list, for pages whose address only the data knows. */
const first = (list: string, pattern: RegExp) => async (page: Page) => {
  await page.goto(list);
  await settled(page);
  const links = page.getByRole('main').locator('a');
  const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  const href = hrefs.find((candidate) => pattern.test(candidate));
  expect(href, `${list} links to ${pattern}`).toBeTruthy();
  await page.goto(href ?? '/');
};

const PUBLIC: readonly Look[] = [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-up', path: '/sign-up' },
];
const CUSTOMER: readonly Look[] = [
  { name: 'home', path: '/' },
  { name: 'bills', path: '/bills' },
  { name: 'bill', path: first('/bills', /^\/bills\/bill_/) },
  { name: 'accounts', path: '/accounts' },
  { name: 'account', path: first('/accounts', /^\/accounts\/acct_/) },
  { name: 'add-account', path: '/accounts/new' },
  { name: 'household', path: first('/accounts', /^\/homes\//) },
  { name: 'inbox', path: '/inbox' },
  { name: 'settings', path: '/settings' },
  { name: 'notifications', path: '/settings/notifications' },
];
const STAFF: readonly Look[] = [
  { name: 'staff-dashboard', path: '/staff' },
  { name: 'staff-customers', path: '/staff/customers' },
  { name: 'staff-customer', path: first('/staff/customers', /^\/staff\/customers\/cust_/) },
  { name: 'staff-onboard', path: '/staff/customers/new' },
  { name: 'staff-providers', path: '/staff/providers' },
  { name: 'staff-provider', path: first('/staff/providers', /^\/staff\/providers\/prov_/) },
  { name: 'staff-new-provider', path: '/staff/providers/new' },
  { name: 'staff-runs', path: '/staff/runs' },
  { name: 'staff-run', path: first('/staff/runs', /^\/staff\/runs\/(?!$)/) },
  { name: 'staff-accounts', path: '/staff/accounts' },
  { name: 'staff-account', path: first('/staff/accounts', /^\/staff\/accounts\/acct_/) },
  { name: 'staff-imports', path: '/staff/imports' },
  { name: 'staff-events', path: '/staff/events' },
  { name: 'staff-audit', path: '/staff/audit' },
  { name: 'staff-clients', path: '/staff/clients' },
  { name: 'staff-people', path: '/staff/people' },
];

for (const scheme of SCHEMES) {
  for (const [who, email, looks] of [
    ['nobody', undefined, PUBLIC],
    ['customers', ANNA, CUSTOMER],
    ['staff', ADMIN, STAFF],
  ] as const) {
    test(`the pages of ${who} can be read by everybody, ${scheme}`, async ({ person }, { project }) => {
      test.setTimeout(120_000);
      const { page } = await person(email);
      await page.emulateMedia({ colorScheme: scheme });
      for (const { name, path } of looks) {
        await test.step(name, async () => {
          if (typeof path === 'string') await page.goto(path);
          else await path(page);
          await settled(page);
          await page.evaluate(() => document.fonts.ready.then(() => undefined));
          const { violations } = await new AxeBuilder({ page }).analyze();
          const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
          expect.soft(found, name).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect.soft(wide, `${name} fits the width`).toBeLessThanOrEqual(0);
          await page.screenshot({ path: `${SCREENS}${project.name}/${name}-${scheme}.png`, fullPage: true });
        });
      }
    });
  }
}
