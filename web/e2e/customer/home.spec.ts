import type { Page } from '@playwright/test';
import { goTo, money, settled } from '../support/pages';
import { type Api, voltaraNumber } from '../support/people';
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
  await page.getByRole('radio', { name: 'Open' }).click({ force: true });
  await page.getByRole('main').getByRole('link').last().scrollIntoViewIfNeeded();
  await expect(page.getByText('All bills are shown.')).toBeVisible();
  await goTo(page, 'Home');
  await expect(due(page)).toContainText(total);
  await page.reload();
  await settled(page);
  await expect(due(page)).toContainText(total);
});
