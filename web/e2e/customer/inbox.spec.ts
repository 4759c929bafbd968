import { gate } from '../support/gate';
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

test('what happens before a page listens is told when it does', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Lea Late');
  await api.addVoltara(account, 'Flat');
  const listens = gate();
  await page.routeWebSocket('**/graphql/ws', async (socket) => {
    await listens.opened;
    socket.connectToServer();
  });
  await page.goto('/inbox');
  await expect(page.getByText('Nothing to read')).toBeVisible();
  await settled(page);

  await sandbox.issueBill('voltara', account, 2_311);
  await expect.poll(() => api.unread()).toBe(1);
  await expect(page.getByText('Nothing to read')).toBeVisible();
  listens.open();
  await expect(page.getByRole('main')).toContainText(money(2_311));
});

test('an answer that was on its way when something happened does not hide it', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Otto Overtaken');
  await api.addVoltara(account, 'Flat');
  await page.goto('/bills');
  await settled(page);

  const asked = gate();
  const arrives = gate();
  let held = 0;
  await page.route('**/graphql', async (route) => {
    if (held > 0 || !route.request().postData()?.includes('query Inbox(')) return route.continue();
    held += 1;
    const response = await route.fetch();
    asked.open();
    await arrives.opened;
    await route.fulfill({ response });
  });
  await goTo(page, 'Inbox');
  await asked.opened;
  await sandbox.issueBill('voltara', account, 2_411);
  await expect(navigation(page).getByRole('link', { name: 'Inbox, 1 unread' })).toBeVisible();
  arrives.open();
  await expect(page.getByRole('main')).toContainText(money(2_411));
});
