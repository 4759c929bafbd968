import { money, settled } from '../support/pages';
import { OPERATOR, voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('an operator fetches a whole provider and watches it happen', async ({ person, sandbox }) => {
  const { page } = await person(OPERATOR);
  await page.goto('/staff/providers');
  await page.getByRole('main').getByRole('link', { name: 'Voltara Energie' }).click();
  await expect(page.getByRole('heading', { name: 'Voltara Energie', level: 1 })).toBeVisible();
  await sandbox.latency(1_500);
  await page.getByRole('button', { name: 'Fetch all now' }).click();
  const progress = page.getByRole('main').getByRole('status').filter({ hasText: 'See the run' });
  await expect(progress).toContainText('Fetching');
  await expect(progress).toContainText(/No new bill|new bill/);
  await sandbox.latency(120);

  await page.getByRole('link', { name: 'See the run' }).click();
  await expect(page).toHaveURL(/\/staff\/runs\//);
  await expect(page.getByRole('heading', { name: 'Accounts fetched' })).toBeVisible();
  await settled(page);
  await expect(page.getByRole('main')).toContainText('Finished');
  // Every account with its outcome and the time it took.
  const attempt = page.getByRole('row').filter({ hasText: 'Electricity' }).first();
  await expect(attempt).toContainText('Bills');
  await expect(attempt).toContainText(/\d (ms|s)/);
});

test('an operator records a bill by hand, corrects it and voids it, and the customer sees each step', async ({
  person,
  sandbox,
}) => {
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  const customer = await person();
  await customer.api.signUp('Hanna Handmade');
  const accountId = await customer.api.addVoltara(account, 'Flat');
  await customer.page.goto('/bills');
  await settled(customer.page);

  const { page } = await person(OPERATOR);
  await page.goto(`/staff/accounts/${accountId}`);
  await page.getByRole('button', { name: 'Record a bill' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Number').fill('HAND-1');
  await form
    .getByRole('textbox', { name: /^Amount/ })
    .first()
    .fill('49.90');
  await form.getByLabel('Reason').fill('The customer brought it on paper.');
  await form.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(page.getByText('The bill is recorded; the customer is told')).toBeVisible();
  await expect(customer.page.getByRole('main')).toContainText(money(4_990));

  await page.getByRole('main').getByRole('link', { name: 'HAND-1' }).click();
  await page.getByRole('button', { name: 'Correct' }).click();
  await form
    .getByRole('textbox', { name: /^Amount/ })
    .first()
    .fill('39.90');
  await form.getByLabel('Reason').fill('It was misread.');
  await form.getByRole('button', { name: 'Store the correction' }).click();
  await expect(customer.page.getByRole('main')).toContainText(money(3_990));

  await page.getByRole('button', { name: 'Void' }).click();
  await form.getByLabel('Reason').fill('It was a test.');
  await form.getByRole('button', { name: 'Void' }).click();
  await expect(page.getByText('The bill is voided')).toBeVisible();
  await customer.page.goto('/bills?state=OPEN');
  await expect(customer.page.getByText('No bills match')).toBeVisible();
});
