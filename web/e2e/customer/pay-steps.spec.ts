import { billsByHand, providerByHand } from '../support/by-hand';
import { money } from '../support/pages';
import { ADMIN, voltaraNumber } from '../support/people';
import type { Sandbox } from '../support/sandbox';
import { expect, type Person, test } from '../support/test';

/** Somebody with one open bill and a card that asks for its owner each time. */
async function withCarefulCard({ api }: Person, sandbox: Sandbox, name: string, amount: number): Promise<string> {
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp(name);
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, amount);
  await expect.poll(() => api.billOf(amount).catch(() => undefined)).toBeTruthy();
  await api.saveCard('pm_card_authenticationRequired');
  return api.billOf(amount);
}

test('a card that asks for its owner is confirmed at the bank, and the payment goes on', async ({
  person,
  sandbox,
  guard,
}) => {
  guard.expect(/another host was asked: http:\/\/127\.0\.0\.1:\d+\/cards\//);
  const somebody = await person();
  const { page } = somebody;
  const bill = await withCarefulCard(somebody, sandbox, 'Vera Verify', 71_234);
  await page.goto(`/pay?bills=${bill}`);
  await page.getByRole('button', { name: `Pay ${money(71_234)}` }).click();
  await expect(page.getByText('Your bank wants you to confirm this payment.')).toBeVisible();
  await page.getByRole('link', { name: 'Confirm with your bank' }).click();
  await page.waitForURL(/\/cards\/confirm\//);
  await page.getByRole('button', { name: 'Yes, confirm' }).click();
  await page.waitForURL(/\/payments\/pay_/);
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();
  await expect(page.getByText('Your bank wants you to confirm this payment.')).toBeHidden();
  const charged = (await sandbox.cardPayments()).filter((one) => one.amount_minor === 71_234);
  expect(charged).toHaveLength(1);
});

test('a payment that waits for its owner is called off, and the bill can be paid again', async ({
  person,
  sandbox,
}) => {
  const somebody = await person();
  const { page } = somebody;
  const bill = await withCarefulCard(somebody, sandbox, 'Carla Cancel', 72_345);
  await page.goto(`/pay?bills=${bill}`);
  await page.getByRole('button', { name: `Pay ${money(72_345)}` }).click();
  await page.getByRole('button', { name: 'Cancel the payment' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('No money has moved yet.');
  await dialog.getByRole('button', { name: 'Cancel the payment' }).click();
  await expect(page.getByRole('main').getByText('Cancelled before any money moved')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Confirm with your bank' })).toBeHidden();

  await page.goto(`/bills/${bill}`);
  await expect(page.getByRole('link', { name: `Pay ${money(72_345)}` })).toBeVisible();
});

test('a direct debit is asked about at the bank and becomes ready before one’s eyes', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await api.signUp('Dora Debit');
  await page.goto('/settings/payments');
  await expect(page.getByText('No payment methods yet')).toBeVisible();
  await sandbox.cardLatency(2_000);
  // On another device, so that this page hears of it by itself.
  const input = { kind: 'DIRECT_DEBIT', currency: 'EUR', token: 'pm_sepaDebit_success', label: 'Household account' };
  const saved = api.act('startPaymentMethodSetup', 'StartPaymentMethodSetupInput', input, 'paymentMethod { id }');
  const main = page.getByRole('main');
  try {
    await expect(main.getByText('Checking…')).toBeVisible();
    await expect(main).toContainText('Household account');
    await expect(main.getByText('Ready')).toBeVisible();
    await expect(main.getByText('Checking…')).toBeHidden();
    await saved;
  } finally {
    await sandbox.cardLatency(null);
  }
});

test('a part is paid where the provider takes one, and the rest stays open', async ({ person }) => {
  const admin = await person(ADMIN);
  const byHand = await providerByHand(admin.api, 'EXACT_OR_BELOW');
  const { page, api } = await person();
  await api.signUp('Peter Part');
  const [bill] = await billsByHand(api, admin.api, byHand, 50_000);
  await api.saveCard('pm_card_visa');
  await page.goto(`/pay?bills=${bill}`);
  await expect(page.getByText('This provider takes the amount of the bill or a part of it.')).toBeVisible();
  const amount = page.getByRole('textbox', { name: `Amount for ${byHand.name}` });
  await amount.fill('600');
  await expect(page.getByText(`At most ${money(50_000)}.`)).toBeVisible();
  await amount.fill('200');
  await page.getByRole('button', { name: `Pay ${money(20_000)}` }).click();
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();

  await page.goto(`/pay?bills=${bill}`);
  await expect(page.getByText('This provider takes what is left of the bill or a part of it.')).toBeVisible();
  await expect(page.getByRole('button', { name: `Pay ${money(30_000)}` })).toBeEnabled();
});
