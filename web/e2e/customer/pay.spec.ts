import { billCard, money, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import type { Sandbox } from '../support/sandbox';
import { expect, type Person, test } from '../support/test';

/** A customer with bills of these amounts at Voltara, all open. */
async function withBills({ api }: Person, sandbox: Sandbox, name: string, ...amounts: number[]): Promise<string> {
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp(name);
  await api.addVoltara(account, 'Flat');
  for (const amount of amounts) await sandbox.issueBill('voltara', account, amount);
  await expect.poll(() => api.billOf(amounts.at(-1) ?? 0).catch(() => undefined)).toBeTruthy();
  return account;
}

test('a bill is paid by a saved card, and the page says paid and then confirmed without a reload', async ({
  person,
  sandbox,
}) => {
  const somebody = await person();
  const { page, api } = somebody;
  await withBills(somebody, sandbox, 'Paula Payer', 23_456);
  await api.saveCard('pm_card_visa');

  await page.goto('/bills');
  await billCard(page, 23_456).click();
  await page.getByRole('link', { name: `Pay ${money(23_456)}` }).click();
  await expect(page.getByRole('heading', { name: '1 bill' })).toBeVisible();
  await expect(page.getByRole('radio', { name: /4242/ })).toBeChecked();
  const summary = page.getByRole('region', { name: 'What it comes to' });
  await expect(summary).toContainText('Fee');
  await expect(summary).toContainText(money(23_456));
  const loaded = await page.evaluate(() => performance.timeOrigin);
  await page.getByRole('button', { name: `Pay ${money(23_456)}` }).click();

  const progress = page.getByRole('list', { name: 'How far it is' });
  await expect(progress.getByText('Paid', { exact: true })).toBeVisible();
  await expect(progress.getByText('Confirmed by the provider')).toBeVisible();
  await expect(progress.locator('[aria-current]')).toHaveCount(0);
  expect(await page.evaluate(() => performance.timeOrigin), 'the page was not loaded again').toBe(loaded);

  await page.getByRole('link', { name: /^Bill / }).click();
  await expect(page.getByRole('main')).toContainText('Paid');
  await expect(page.getByRole('main')).toContainText(`${money(23_456)} paid`);
});

test('two taps and a lost answer are one payment', async ({ person, sandbox, guard }) => {
  guard.expect(/net::ERR_FAILED/);
  const somebody = await person();
  const { page, api } = somebody;
  await withBills(somebody, sandbox, 'Doris Double', 34_561);
  await api.saveCard('pm_card_visa');
  await page.goto(`/pay?bills=${await api.billOf(34_561)}`);
  const button = page.getByRole('button', { name: `Pay ${money(34_561)}` });
  await expect(button).toBeEnabled();

  // The server hears the wish; its answer never arrives.
  const keys: string[] = [];
  let lose = true;
  await page.route('**/graphql', async (route) => {
    const { operationName, variables } = route.request().postDataJSON();
    if (operationName !== 'PayBills') return route.fallback();
    keys.push(variables.input.idempotencyKey);
    if (!lose) return route.fallback();
    lose = false;
    await route.fetch();
    return route.abort();
  });
  await button.dblclick();
  await expect(page.getByText('We could not hear the answer')).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('list', { name: 'How far it is' })).toBeVisible();
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size, 'the same key each time').toBe(1);
  const charged = (await sandbox.cardPayments()).filter((one) => one.amount_minor === 34_561);
  expect(charged).toHaveLength(1);
});

test('a declined card is told in words, and another one pays', async ({ person, sandbox }) => {
  const somebody = await person();
  const { page, api } = somebody;
  await withBills(somebody, sandbox, 'Dieter Declined', 45_612);
  await api.saveCard('pm_card_chargeDeclinedInsufficientFunds');
  await api.saveCard('pm_card_visa', false);
  await page.goto(`/pay?bills=${await api.billOf(45_612)}`);
  await page.getByRole('button', { name: `Pay ${money(45_612)}` }).click();
  await expect(page.getByText('The payment did not go through')).toBeVisible();
  await expect(page.getByText(/not enough money in the account/).first()).toBeVisible();

  await page.getByRole('button', { name: 'Try another method' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('radio', { name: /4242/ })).toBeChecked();
  await dialog.getByRole('button', { name: 'Pay now' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();
  await expect(page.getByText('The payment did not go through')).toBeHidden();
});

test('an address that names no bill leads to the bills', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Nora Nothing');
  await page.goto('/pay?bills=bill_nonsense');
  await page.getByRole('link', { name: 'All bills' }).click();
  await page.waitForURL(/\/bills/);
});

test('several bills are picked and paid in one go, the wallet first', async ({ person, sandbox }) => {
  const somebody = await person();
  const { page, api } = somebody;
  await withBills(somebody, sandbox, 'Sven Several', 11_001, 11_002, 11_003);
  const card = await api.saveCard('pm_card_visa');
  await api.topUp(5_000, card);

  await page.goto('/bills');
  await settled(page);
  await page.getByRole('button', { name: 'Select' }).click();
  await page.getByRole('checkbox', { name: new RegExp(money(11_001)) }).click();
  await page.getByRole('checkbox', { name: new RegExp(money(11_003)) }).click();
  await expect(page.getByRole('status').filter({ hasText: '2 selected' })).toContainText(money(22_004));
  await page.getByRole('link', { name: 'Pay', exact: true }).click();
  await expect(page.getByRole('heading', { name: '2 bills' })).toBeVisible();
  const summary = page.getByRole('region', { name: 'What it comes to' });
  await expect(summary).toContainText(money(5_000));
  await expect(summary).toContainText(money(17_004));
  await page.getByRole('switch', { name: /wallet first/ }).click();
  await expect(summary).not.toContainText(money(17_004));
  await page.getByRole('switch', { name: /wallet first/ }).click();
  await expect(summary).toContainText(money(17_004));
  await page.getByRole('button', { name: `Pay ${money(22_004)}` }).click();
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();

  await page.goto('/wallet');
  await expect(page.getByRole('region', { name: 'In your wallet' })).toContainText(money(0));
  await page.goto('/bills?state=OPEN');
  await expect(billCard(page, 11_002)).toBeVisible();
  await expect(billCard(page, 11_001)).toHaveCount(0);
});

test('another card is typed on the gateway’s page, which leads back to the payment', async ({
  person,
  sandbox,
  guard,
}) => {
  guard.expect(/another host was asked: http:\/\/127\.0\.0\.1:\d+\/cards\//);
  const somebody = await person();
  const { page, api } = somebody;
  await withBills(somebody, sandbox, 'Helga Hosted', 56_123);
  await page.goto(`/pay?bills=${await api.billOf(56_123)}`);
  await expect(page.getByRole('radio', { name: /Another card/ })).toBeChecked();
  await page.getByRole('button', { name: `Pay ${money(56_123)}` }).click();
  await page.waitForURL(/\/cards\/pay\//);
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.waitForURL(/\/payments\/pay_/);
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();
});

test('without a network nothing is paid', async ({ person, sandbox, guard }) => {
  guard.expect(/net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED|WebSocket connection/);
  const somebody = await person();
  const { page, api, context } = somebody;
  await withBills(somebody, sandbox, 'Otto Offline', 61_234);
  await api.saveCard('pm_card_visa');
  await page.goto(`/pay?bills=${await api.billOf(61_234)}`);
  const button = page.getByRole('button', { name: `Pay ${money(61_234)}` });
  await expect(button).toBeEnabled();
  await context.setOffline(true);
  await expect(page.getByText(/Paying needs a connection/)).toBeVisible();
  await expect(button).toBeDisabled();
  await context.setOffline(false);
  await expect(button).toBeEnabled();
});
