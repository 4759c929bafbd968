import { billsByHand, providerByHand } from '../support/by-hand';
import { money } from '../support/pages';
import { ADMIN, OPERATOR, unique, voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('an operator says of what is transferred by hand that it arrived, or that it goes back', async ({ person }) => {
  const admin = await person(ADMIN);
  const byHand = await providerByHand(admin.api, 'EXACT');
  const { page: theirs, api } = await person();
  await api.signUp(`Tilda Transfer ${unique()}`);
  const bills = await billsByHand(api, admin.api, byHand, 41_000, 42_000);
  const card = await api.saveCard('pm_card_visa');
  const input = {
    bills: bills.map((billId) => ({ billId })),
    paymentMethodId: card,
    idempotencyKey: `by-hand-${unique()}`,
  };
  type Paid = { payment: { id: string } };
  const { payment } = await api.act<Paid>('payBills', 'PayBillsInput', input, 'payment { id }');
  await theirs.goto(`/payments/${payment.id}`);

  const { page } = await person(OPERATOR);
  await page.goto(`/staff/payments/${payment.id}`);
  const main = page.getByRole('main');
  const dialog = page.getByRole('dialog');
  const confirms = main.getByRole('button', { name: 'Confirm', exact: true });
  await expect(confirms).toHaveCount(2);
  await confirms.first().click();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog).toContainText('Please fill this in.');
  await dialog.getByRole('textbox', { name: 'Reference' }).fill('BANK-4711');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog).toBeHidden();
  await expect(main).toContainText('BANK-4711');
  await expect(confirms).toHaveCount(1);

  await main.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByLabel('Reason').fill('The contract has ended.');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await expect(dialog).toBeHidden();
  await expect(confirms).toHaveCount(0);

  // Whoever paid sees both on the open page.
  await expect(theirs.getByRole('main')).toContainText('Provider’s reference: BANK-4711');
  await expect(theirs.getByRole('main')).toContainText('The provider refused the payment.');
  await expect(theirs.getByRole('main').getByText('Partly refunded')).toBeVisible();
});

test('a refund the bank sends back goes into the wallet instead', async ({ person, sandbox }) => {
  const { page: theirs, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp(`Rosa Return ${unique()}`);
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 43_210);
  await expect.poll(() => api.billOf(43_210).catch(() => undefined)).toBeTruthy();
  const paymentId = await api.pay(await api.billOf(43_210), await api.saveCard('pm_card_pendingRefund'));

  const { page, api: operator } = await person(OPERATOR);
  const wish = {
    paymentId,
    amount: { amountMinor: '4321' },
    reason: 'They paid too much.',
    idempotencyKey: `refund-${unique()}`,
  };
  await operator.act('refundPayment', 'RefundPaymentInput', wish, 'payment { id }');
  await page.goto(`/staff/payments/${paymentId}`);
  await expect.poll(() => sandbox.failRefund(4_321)).toBe(true);
  const main = page.getByRole('main');
  await expect(main).toContainText('They paid too much.');
  const instead = main.getByRole('button', { name: 'Give it into the wallet instead' });
  await expect(instead).toBeVisible();
  await instead.click();
  await expect(main.getByText('Arrived')).toBeVisible();
  await expect(instead).toHaveCount(0);

  await theirs.goto('/wallet');
  await expect(theirs.getByRole('region', { name: 'In your wallet' })).toContainText(money(4_321));
});
