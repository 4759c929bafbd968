import type { Page } from '@playwright/test';
import { gate } from '../support/gate';
import { billCard, goTo, money, settled } from '../support/pages';
import { type Api, greenwattNumber, voltaraNumber } from '../support/people';
import type { Sandbox } from '../support/sandbox';
import { expect, test } from '../support/test';

/** A customer with one Voltara account and these bills, each of an amount of its own. */
async function customerWith(api: Api, sandbox: Sandbox, name: string, amounts: readonly number[]): Promise<string> {
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp(name);
  await api.addVoltara(account, 'Flat');
  for (const amount of amounts) await sandbox.issueBill('voltara', account, amount);
  for (const amount of amounts) await expect.poll(() => api.billOf(amount).catch(() => undefined)).toBeTruthy();
  return account;
}

const due = (page: Page) => page.getByRole('region', { name: 'To pay', exact: true });

test('home is there whatever was looked at before, with more open bills than a page holds', async ({
  person,
  sandbox,
}) => {
  const { page, api } = await person();
  const amounts = Array.from({ length: 23 }, (_, at) => 1_001 + at);
  await customerWith(api, sandbox, 'Mona Many', amounts);
  const total = money(amounts.reduce((sum, amount) => sum + amount, 0));
  await page.goto('/');
  await expect(due(page)).toContainText(total);
  await expect(page.getByRole('link', { name: 'Show 18 more open bills' })).toBeVisible();

  await page.getByRole('link', { name: /^Pay all/ }).click();
  await expect(page.getByRole('button', { name: `Pay ${total}` })).toBeVisible();
  await goTo(page, 'Home');
  await expect(due(page)).toContainText(total);
  await page.reload();
  await settled(page);
  await expect(due(page)).toContainText(total);

  // The other way round: a list that was loaded to its end does not change what home and the payment page see.
  await goTo(page, 'Bills');
  await page.getByRole('radiogroup', { name: 'Show' }).locator('label').filter({ hasText: 'Open' }).click();
  await expect(page.getByRole('radio', { name: 'Open', exact: true })).toBeChecked();
  await settled(page);
  await page.getByRole('main').locator('a[href^="/bills/"]').nth(19).scrollIntoViewIfNeeded();
  await expect(page.getByText('All bills are shown.')).toBeVisible();
  await goTo(page, 'Home');
  await expect(due(page)).toContainText(total);
  await page.reload();
  await settled(page);
  await expect(due(page)).toContainText(total);
});

test('a list goes on by itself when its end was reached while it was being read', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const amounts = Array.from({ length: 23 }, (_, at) => 3_001 + at);
  await customerWith(api, sandbox, 'Lena List', amounts);
  await page.goto('/bills?state=OPEN');
  await expect(page.getByRole('main').locator('a[href^="/bills/"]').nth(19)).toBeVisible();
  await goTo(page, 'Home');

  // What was read before is shown at once, and read again.
  const arrives = gate();
  await page.route('**/graphql', async (route) => {
    const asked = route.request().postData();
    if (asked?.includes('query Bills(') && asked.includes('OPEN')) await arrives.opened;
    await route.continue();
  });
  await goTo(page, 'Bills');
  await page.getByRole('radiogroup', { name: 'Show' }).locator('label').filter({ hasText: 'Open' }).click();
  await expect(page.getByRole('radio', { name: 'Open', exact: true })).toBeChecked();
  await page.getByRole('main').locator('a[href^="/bills/"]').nth(19).scrollIntoViewIfNeeded();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  arrives.open();
  await expect(page.getByText('All bills are shown.')).toBeVisible();
  await expect(page.getByRole('main').locator('a[href^="/bills/"]')).toHaveCount(amounts.length);
});

test('the bills of one filter are never shown under another', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await customerWith(api, sandbox, 'Fay Filter', [4_111]);
  await page.goto('/bills');
  await expect(billCard(page, 4_111)).toBeVisible();
  const arrives = gate();
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('"state":"PAID"')) await arrives.opened;
    await route.continue();
  });
  await page
    .getByRole('radiogroup', { name: 'Show' })
    .locator('label')
    .filter({ hasText: /^Paid$/ })
    .click();
  await expect(page.getByRole('main').getByRole('status', { name: 'Loading' })).toBeVisible();
  await expect(billCard(page, 4_111)).toHaveCount(0);
  arrives.open();
  await expect(page.getByText('No bills match')).toBeVisible();
});

test('a payment under way is on its way on home and in lists, and not due', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await customerWith(api, sandbox, 'Otto Onway', [2_111, 3_222]);
  const debit = await api.saveMethod('DIRECT_DEBIT', 'pm_sepaDebit_processing');
  await page.goto('/');
  await expect(due(page)).toContainText(money(5_333));
  await api.pay(await api.billOf(3_222), debit);
  // Live, without a reload.
  await expect(due(page)).toContainText(money(2_111));
  await expect(due(page)).toContainText(`${money(3_222)} on its way`);
  await expect(billCard(page, 3_222)).toContainText('Being paid');
  await expect(due(page).getByRole('link', { name: 'Pay this bill' })).toBeVisible();

  await api.pay(await api.billOf(2_111), debit);
  await expect(due(page)).toContainText('Nothing else is due');
  await expect(due(page)).toContainText(`${money(5_333)} on its way`);
  await expect(due(page).getByRole('link', { name: /^Pay/ })).toHaveCount(0);
  await page.goto('/pay?all=EUR');
  await expect(page.getByText(`${money(5_333)} on its way`)).toBeVisible();
  await page.getByRole('link', { name: 'See what is being paid' }).click();
  await expect(page.getByRole('radio', { name: 'Being paid' })).toBeChecked();
  await expect(billCard(page, 2_111)).toBeVisible();
  await expect(billCard(page, 3_222)).toBeVisible();
});

test('a bill paid elsewhere is marked, and the mark taken back', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await customerWith(api, sandbox, 'Elsa Elsewhere', [4_141, 5_252, 6_363]);
  await page.goto(`/bills/${await api.billOf(4_141)}`);
  await page.getByRole('button', { name: 'I have paid this already' }).click();
  await expect(page.getByRole('alert').getByText('Marked as paid elsewhere.')).toBeVisible();
  await expect(page.getByRole('main').getByText('Paid elsewhere', { exact: true }).first()).toBeVisible();
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'I have paid this already' })).toBeVisible();

  await page.goto('/bills');
  await page.getByRole('button', { name: 'Select' }).click();
  await page.getByRole('checkbox', { name: `Select Voltara Energie, ${money(5_252)}` }).check();
  await page.getByRole('checkbox', { name: `Select Voltara Energie, ${money(6_363)}` }).check();
  await page.getByRole('button', { name: 'Paid already' }).click();
  await expect(page.getByRole('alert').getByText('2 bills marked as paid elsewhere.')).toBeVisible();
  await expect(billCard(page, 5_252)).toHaveCount(0);
  await expect(billCard(page, 4_141)).toBeVisible();
  await goTo(page, 'Home');
  await expect(due(page)).toContainText(money(4_141));
});

test('a provider’s history is history, announced by one message', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await api.signUp('Hanna History');
  const number = greenwattNumber();
  await sandbox.seedHistory('greenwatt', number, 18);
  // The message is for a page that listens already.
  const listening = page
    .waitForEvent('websocket')
    .then((socket) => socket.waitForEvent('framesent', ({ payload }) => payload.includes('"type":"subscribe"')));
  await page.goto('/');
  await listening;
  await settled(page);
  await api.addGreenwatt(number, 'Cabin');
  await expect(page.getByRole('alert').getByText('18 bills found')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(1);
  await expect(due(page)).toContainText('1 open bill');
  // Of all that was found only the newest can be overdue, and late in a month it is.
  const newest = (await sandbox.bills('greenwatt', number)).find((bill) => bill.status === 'OPEN');
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
  const overdue = newest && newest.due_on < today ? ['1 overdue'] : [];
  await expect(due(page).getByText('overdue')).toHaveText(overdue);
  await goTo(page, 'Bills');
  await expect(page.getByRole('main').getByText('History', { exact: true }).first()).toBeVisible();
  await page.getByRole('main').getByRole('link').filter({ hasText: 'History' }).first().click();
  await page.getByRole('button', { name: 'It is still to be paid' }).click();
  await expect(page.getByRole('alert').getByText('The bill is open again.')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Pay / })).toBeVisible();
});
