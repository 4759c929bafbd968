import { goTo, money, settled } from '../support/pages';
import { ANNA, type Api, PASSWORD } from '../support/people';
import type { Sandbox, SandboxProvider } from '../support/sandbox';
import { expect, test } from '../support/test';

const ANNAS: readonly (readonly [SandboxProvider, string])[] = [
  ['voltara', 'VT10000001'],
  ['voltara', 'VT10000002'],
  ['gasline', '110000000001'],
  ['aquaria', 'AQ100001'],
  ['ringo', '+33639980001'],
];

/** What Anna owes as her providers see it, asked from them and not from Billow. */
async function owed(sandbox: Sandbox): Promise<number> {
  const bills = await Promise.all(ANNAS.map(([provider, account]) => sandbox.bills(provider, account)));
  return bills
    .flat()
    .filter(({ status }) => status === 'OPEN')
    .reduce((sum, { amount_minor }) => sum + amount_minor, 0);
}

/** What has been paid and has not come to a provider yet. */
async function onTheWay(api: Api): Promise<string[]> {
  type Payments = { payments: { nodes: { allocations: { remittance: { status: string } | null }[] }[] } };
  const query = '{ payments(first: 50) { nodes { allocations { remittance { status } } } } }';
  const { payments } = await api.run<Payments>(query);
  const states = payments.nodes.flatMap(({ allocations }) => allocations.map(({ remittance }) => remittance?.status));
  return states.filter((status) => status !== undefined && status !== 'CONFIRMED') as string[];
}

test('a customer signs in, sees what is due, and signs out for good', async ({ person, sandbox }) => {
  const { page, api } = await person();
  // A page that needs a sign-in leads to it, and back to where one wanted to go.
  await page.goto('/bills?state=OPEN');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();

  await page.getByLabel('E-mail').fill('anna at home');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('This is not an e-mail address.')).toBeVisible();
  await expect(page.getByText('Please fill this in.')).toBeVisible();

  await page.getByLabel('E-mail').fill(ANNA);
  await page.getByRole('textbox', { name: 'Password' }).fill('not-the-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();

  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Bills', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/bills\?state=OPEN/);

  await goTo(page, 'Home');
  await expect(page.getByRole('heading', { name: 'Hello, Anna' })).toBeVisible();
  // What she paid already comes to its provider a little later: until then the provider's books say more.
  await expect.poll(() => onTheWay(api)).toEqual([]);
  await expect(page.getByRole('region', { name: 'To pay', exact: true })).toContainText(money(await owed(sandbox)));
  await settled(page);

  await page.getByRole('button', { name: 'Anna Winkler' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  // Nothing of hers is left behind the address.
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});
