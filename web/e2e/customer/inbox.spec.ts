import { goTo, money, navigation, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('the inbox and its badge follow what happens, in every window', async ({ person, sandbox }) => {
  const { page, api, context } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Ines Inbox');
  await api.addVoltara(account, 'Flat');
  await page.goto('/bills');
  await settled(page);
  await expect(navigation(page).getByRole('link', { name: 'Inbox', exact: true })).toBeVisible();

  await sandbox.issueBill('voltara', account, 2_211);
  await expect(navigation(page).getByRole('link', { name: 'Inbox, 1 unread' })).toBeVisible();
  await sandbox.issueBill('voltara', account, 2_212);
  await expect(navigation(page).getByRole('link', { name: 'Inbox, 2 unread' })).toBeVisible();

  await goTo(page, /Inbox/);
  const row = page
    .getByRole('main')
    .getByRole('button')
    .filter({ hasText: money(2_211) });
  await expect(row).toContainText('unread');
  // What arrives while the inbox is open is listed at once.
  await sandbox.issueBill('voltara', account, 2_213);
  await expect(
    page
      .getByRole('main')
      .getByRole('button')
      .filter({ hasText: money(2_213) }),
  ).toBeVisible();

  await row.click();
  await expect(page.getByRole('heading', { name: 'Bill from Voltara Energie' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(money(2_211));
  await expect(navigation(page).getByRole('link', { name: 'Inbox, 2 unread' })).toBeVisible();

  const other = await context.newPage();
  await other.goto('/inbox');
  await other.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(navigation(other).getByRole('link', { name: 'Inbox', exact: true })).toBeVisible();
  await other.getByText('Unread', { exact: true }).click();
  await expect(other.getByText('All read')).toBeVisible();
});
