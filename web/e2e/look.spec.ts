import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { goTo, settled } from './support/pages';
import { ADMIN, ANNA, OPERATOR } from './support/people';
import { expect, test } from './support/test';

/** Where the pictures of the pages go, for people to look at. They are not kept. */
const SCREENS = new URL('../test-results/screens/', import.meta.url).pathname;

interface Look {
  readonly name: string;
  readonly path: string | ((page: Page) => Promise<void>);
}

/** Follows the first link of a list, for pages whose address only the data knows. */
const first = (list: string, pattern: RegExp, then?: RegExp) => async (page: Page) => {
  await page.goto(list);
  await settled(page);
  const links = page.getByRole('main').locator('a');
  const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  const href = hrefs.find((candidate) => pattern.test(candidate));
  expect(href, `${list} links to ${pattern}`).toBeTruthy();
  await page.goto(href ?? '/');
  if (then) await page.getByRole('main').getByRole('link', { name: then }).click();
};

/** The prepaid line of the demo, on request with the sheet that asks once more before it is recharged. */
const prepaid = (sheet: boolean) => async (page: Page) => {
  await page.goto('/accounts');
  await page
    .getByRole('main')
    .getByRole('link', { name: /Tablet/ })
    .click();
  await page.waitForURL(/\/accounts\/acct_/);
  if (sheet) await page.getByRole('button', { name: 'Recharge: Chirp Four Weeks' }).click();
};

const PUBLIC: readonly Look[] = [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-up', path: '/sign-up' },
  { name: 'forgot-password', path: '/forgot-password' },
  { name: 'reset-password', path: '/reset-password?token=x' },
  { name: 'confirm-email', path: '/confirm-email?token=x' },
];
const CUSTOMER: readonly Look[] = [
  { name: 'home', path: '/' },
  { name: 'bills', path: '/bills' },
  { name: 'bill', path: first('/bills', /^\/bills\/bill_/) },
  { name: 'pay', path: first('/bills?state=OPEN', /^\/bills\/bill_/, /^Pay /) },
  { name: 'payments', path: '/payments' },
  { name: 'payment', path: first('/payments', /^\/payments\/pay_/) },
  { name: 'wallet', path: '/wallet' },
  { name: 'payment-methods', path: '/settings/payments' },
  { name: 'accounts', path: '/accounts' },
  { name: 'account', path: first('/accounts', /^\/accounts\/acct_/) },
  { name: 'prepaid', path: prepaid(false) },
  { name: 'recharge', path: prepaid(true) },
  { name: 'add-account', path: '/accounts/new' },
  { name: 'invitations', path: '/invitations' },
  { name: 'household', path: first('/accounts', /^\/homes\//) },
  { name: 'inbox', path: '/inbox' },
  { name: 'settings', path: '/settings' },
  { name: 'notifications', path: '/settings/notifications' },
];
const OPERATORS: readonly Look[] = [
  { name: 'staff-dashboard', path: '/staff' },
  { name: 'staff-customers', path: '/staff/customers' },
  { name: 'staff-customer', path: first('/staff/customers', /^\/staff\/customers\/cust_/) },
  { name: 'staff-onboard', path: '/staff/customers/new' },
  { name: 'staff-providers', path: '/staff/providers' },
  { name: 'staff-payments', path: '/staff/payments' },
  { name: 'staff-payment', path: first('/staff/payments', /^\/staff\/payments\/pay_/) },
  { name: 'staff-unsettled', path: '/staff/payments?tab=unsettled' },
  { name: 'staff-transfers', path: '/staff/payments?tab=transfers' },
  { name: 'staff-documents', path: '/staff/payments?tab=documents' },
  { name: 'staff-reconciliation', path: '/staff/payments?tab=reconciliation' },
  { name: 'staff-gateways', path: '/staff/gateways' },
  { name: 'staff-runs', path: '/staff/runs' },
  { name: 'staff-run', path: first('/staff/runs', /^\/staff\/runs\/(?!$)/) },
  { name: 'staff-accounts', path: '/staff/accounts' },
  { name: 'staff-account', path: first('/staff/accounts', /^\/staff\/accounts\/acct_/) },
  { name: 'staff-imports', path: '/staff/imports' },
  { name: 'staff-events', path: '/staff/events' },
  { name: 'staff-settings', path: '/staff/settings' },
];
const ADMINS: readonly Look[] = [
  { name: 'staff-provider', path: first('/staff/providers', /^\/staff\/providers\/prov_/) },
  { name: 'staff-new-provider', path: '/staff/providers/new' },
  { name: 'staff-gateway', path: first('/staff/gateways', /^\/staff\/gateways\/gw_/) },
  { name: 'staff-new-gateway', path: '/staff/gateways/new' },
  { name: 'staff-audit', path: '/staff/audit' },
  { name: 'staff-clients', path: '/staff/clients' },
  { name: 'staff-people', path: '/staff/people' },
];

for (const [email, looks] of [
  [undefined, PUBLIC],
  [ANNA, CUSTOMER],
  [OPERATOR, OPERATORS],
  [ADMIN, ADMINS],
] as const) {
  for (const { name, path } of looks) {
    test(`the page ${name} can be read by everybody, in both looks`, async ({ person }, { project }) => {
      const { page } = await person(email);
      if (typeof path === 'string') await page.goto(path);
      else await path(page);
      await settled(page);
      await page.evaluate(() => document.fonts.ready.then(() => undefined));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect.soft(wide, 'it fits the width').toBeLessThanOrEqual(0);
      expect.soft(await grave(page), 'light').toEqual([]);
      await page.screenshot({ path: `${SCREENS}${project.name}/${name}.png`, fullPage: true, scale: 'css' });
      // Only colours differ in the dark.
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
      expect.soft(await grave(page, 'color-contrast'), 'dark').toEqual([]);
      await page.screenshot({ path: `${SCREENS}${project.name}/${name}-dark.png`, fullPage: true, scale: 'css' });
    });
  }
}

/** What keeps people from using a page, as axe sees it. */
async function grave(page: Page, rules?: string): Promise<string[]> {
  // A colour on its way to another one has a contrast that nobody reads.
  await page.evaluate(() => {
    const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    return Promise.allSettled(changing.map((transition) => transition.finished)).then(() => undefined);
  });
  const axe = new AxeBuilder({ page });
  if (rules) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

test('a page that waits for what it shows can be read by everybody', async ({ person }) => {
  const { page } = await person(ANNA);
  await page.goto('/');
  await settled(page);
  await page.route('**/graphql', () => undefined);
  await goTo(page, 'Bills');
  await expect(page.getByRole('status', { name: 'Loading' })).toBeVisible();
  expect(await grave(page)).toEqual([]);
});
