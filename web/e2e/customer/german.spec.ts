import type { Page } from '@playwright/test';
import { settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

/** Words no German sentence has. */
const ENGLISH = /\b(the|and|your|you|were|has|have|been|this|with|paid|asked|money|bill|bills|amount|card ending)\b/i;

/** What the provider wrote on its bill is in the provider's language. */
const THEIRS: readonly string[] = ['Grid and meter'];

async function german(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
  const text = (await page.getByRole('main').allInnerTexts()).join('\n');
  expect(
    text.split('\n').filter((line) => ENGLISH.test(line) && !THEIRS.includes(line)),
    path,
  ).toEqual([]);
}

test('pages about money are German for whoever speaks German', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Gisela Groß');
  await api.act('updateCustomer', 'UpdateCustomerInput', { locale: 'de-DE' }, 'customer { locale }');
  await api.addVoltara(account, 'Wohnung');
  for (const amount of [81_001, 81_002]) await sandbox.issueBill('voltara', account, amount);
  await expect.poll(() => api.billOf(81_002).catch(() => undefined)).toBeTruthy();
  const good = await api.saveCard('pm_card_visa');
  const poor = await api.saveCard('pm_card_chargeDeclinedInsufficientFunds', false);
  await api.saveCard('pm_card_setupDeclined', false);
  const bills = [await api.billOf(81_001), await api.billOf(81_002)];
  await german(page, `/pay?bills=${bills.join('.')}`);
  await expect(page.getByText('Dieser Anbieter nimmt genau den Betrag der Rechnung.').first()).toBeVisible();

  const paid = await api.pay(bills[0] ?? '', good);
  const declined = await api.pay(bills[1] ?? '', poor);
  await api.topUp(2_000, good);
  await page.goto(`/payments/${paid}`);
  await expect(page.getByRole('main').getByText('Der Anbieter hat die Zahlung bestätigt')).toBeVisible();
  await german(page, `/payments/${paid}`);
  await expect(page.getByText('Beauftragt')).toBeVisible();
  await german(page, `/payments/${declined}`);
  await expect(page.getByText('Abgelehnt').first()).toBeVisible();
  for (const path of ['/payments', '/wallet', '/settings/payments', '/bills', `/bills/${bills[0]}`])
    await german(page, path);

  // What was paid cannot be paid again, and that is German, too.
  await page.goto(`/pay?bills=${bills[0]}`);
  await expect(page.getByText('Diese Rechnung ist bezahlt.')).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('This bill');
});
