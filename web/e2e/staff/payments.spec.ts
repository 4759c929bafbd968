import { money } from '../support/pages';
import { ADMIN, CARDS_KEY, OPERATOR, unique, voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('an operator reads what happened to a payment and gives a part of it back', async ({ person, sandbox }) => {
  const { page: theirs, api } = await person();
  const account = voltaraNumber();
  const name = `Rolf Refund ${unique()}`;
  await sandbox.addAccount('voltara', account);
  await api.signUp(name);
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 33_333);
  await expect.poll(() => api.billOf(33_333).catch(() => undefined)).toBeTruthy();
  const paymentId = await api.pay(await api.billOf(33_333), await api.saveCard('pm_card_visa'));
  await theirs.goto(`/payments/${paymentId}`);

  const { page } = await person(OPERATOR);
  await page.goto('/staff/payments');
  await page
    .getByRole('row', { name: new RegExp(name) })
    .getByRole('link')
    .first()
    .click();
  const main = page.getByRole('main');
  await expect(main).toContainText('Attempt 1 at');
  await expect(main).toContainText('Why this gateway');
  const timeline = main.locator('section').filter({ has: page.getByRole('heading', { name: 'Timeline' }) });
  await expect(timeline).toContainText('ledger.');
  await expect(timeline).toContainText('attempt.answered');

  await expect(main).toContainText('Confirmed');
  await page.getByRole('button', { name: 'Refund', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog, 'the provider has the money').toContainText(`Voltara Energie has ${money(33_333)}.`);
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('400');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('They paid too much.');
  await dialog.getByRole('button', { name: 'Refund', exact: true }).click();
  await expect(dialog).toContainText('Not an amount that can be refunded.');
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('33.33');
  await dialog.getByRole('radio', { name: /wallet/ }).click();
  await dialog.getByRole('button', { name: `Refund ${money(3_333)}` }).click();
  await expect(dialog).toBeHidden();
  await expect(main).toContainText('They paid too much.');
  await expect(main.getByText('Arrived')).toBeVisible();

  // The customer sees it on the open page.
  await expect(theirs.getByRole('main')).toContainText('They paid too much.');
  await expect(theirs.getByRole('main').getByText('Partly refunded')).toBeVisible();
});

test('a day is compared with the gateway, and what is unsettled is told', async ({ person }) => {
  const { page } = await person(OPERATOR);
  await page.goto('/staff/payments?tab=unsettled');
  await expect(page.getByRole('heading', { name: 'Unsettled' })).toBeVisible();
  await page.getByRole('tab', { name: 'Reconciliation' }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: /Agrees|differ/ })
      .first(),
  ).toBeVisible();
});

test('an administrator adds a gateway, tests it, takes it into use and pauses it', async ({ person, sandbox }) => {
  const { page, api } = await person(ADMIN);
  const code = `gw-${unique()}`;
  const main = page.getByRole('main');
  await page.goto('/staff/gateways');
  await page.getByRole('link', { name: 'Add a gateway' }).click();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('Please fill this in.').first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill(`Spare ${code}`);
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('SANDBOX');
  await page.getByRole('textbox', { name: 'Base address' }).fill(`${sandbox.url}/cards`);
  await page.getByRole('textbox', { name: 'Secret key' }).fill('pk_test_spare_1234567890');
  await page.getByLabel('Webhook secret').fill('whsec_spare_1234567890');
  await page
    .getByRole('spinbutton', { name: 'Order' })
    .or(page.getByRole('textbox', { name: 'Order' }))
    .fill('900');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(main, 'a key of the wrong kind').toContainText('This is a publishable key');
  await page.getByRole('textbox', { name: 'Secret key' }).fill('sk_test_spare_1234567890');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { name: `Spare ${code}`, level: 1 })).toBeVisible();
  await expect(main).toContainText(`/webhooks/gateways/${code}`);
  await expect(main).toContainText('Paused');
  await expect(main).toContainText('Not tested');
  expect(await main.textContent(), 'secrets are not shown').not.toContain('sk_test_spare');

  // It is not taken into use with keys that do not work.
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Resume' }).click();
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await expect(dialog).toContainText('have not been tested');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(main).toContainText('The gateway does not accept the secret key');
  await page.getByRole('textbox', { name: 'Secret key' }).fill(CARDS_KEY);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(main).toContainText('Not tested');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(main).toContainText('The keys work');
  await expect(main).toContainText('Sandbox Cards');
  await page.getByRole('button', { name: 'Resume' }).click();
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await expect(main).toContainText('Active');

  await page.getByRole('button', { name: 'Pause' }).click();
  await dialog.getByLabel('Reason').fill('Only kept for bad days.');
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await expect(main).toContainText('Paused');

  // What another administrator sets is shown, beside what is being changed here.
  const order = page.getByRole('textbox', { name: 'Order' }).or(page.getByRole('spinbutton', { name: 'Order' }));
  await order.fill('901');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  await api.act('updateGateway', 'UpdateGatewayInput', { id, name: `Reserve ${code}` }, 'gateway { id }');
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue(`Reserve ${code}`);
  await expect(order).toHaveValue('901');
});
