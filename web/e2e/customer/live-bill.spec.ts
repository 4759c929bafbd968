import { billCard, goTo, money, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('a bill that is issued appears on the open page by itself, and a correction says what changed', async ({
  person,
  sandbox,
}) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Lena Live');
  const accountId = await api.addVoltara(account, 'Flat');

  await page.goto(`/accounts/${accountId}`);
  await expect(page.getByRole('definition').filter({ hasText: 'No bill due' })).toBeVisible();
  await goTo(page, 'Home');
  const due = page.getByRole('region', { name: 'To pay', exact: true });
  await expect(due).toContainText('Nothing is due');
  await settled(page);
  const loaded = await page.evaluate(() => performance.timeOrigin);

  const bill = await sandbox.issueBill('voltara', account, 12_345);
  await expect(billCard(page, 12_345)).toBeVisible();
  await expect(billCard(page, 12_345)).toContainText('New');
  await expect(due).toContainText(money(12_345));
  await expect(page.getByText(`Voltara Energie: ${money(12_345)}`).first()).toBeVisible();

  await sandbox.issueBill('voltara', account, 6_789);
  await expect(billCard(page, 6_789)).toBeVisible();
  await expect(due).toContainText(money(12_345 + 6_789));
  await expect(due).toContainText('2 open bills');
  expect(await page.evaluate(() => performance.timeOrigin), 'the page was not loaded again').toBe(loaded);

  await billCard(page, 12_345).click();
  await expect(page.getByRole('heading', { name: 'Bill from Voltara Energie' })).toBeVisible();
  await settled(page);
  const main = page.getByRole('main');
  await expect(main).toContainText(bill.number);
  await expect(main.getByRole('heading', { name: 'What it is made of' })).toBeVisible();
  await expect(main.getByRole('row', { name: /VAT 19 %/ })).toBeVisible();
  await expect(main.getByRole('row', { name: /^Total/ })).toContainText(money(12_345));
  await expect(main.getByText(/kWh a day/)).toBeVisible();

  await sandbox.correctBill('voltara', account, bill.number, 11_111);
  await expect(main.getByText('Corrected')).toBeVisible();
  const change = main.getByRole('row', { name: /^Amount/ });
  await expect(change).toContainText(money(12_345));
  await expect(change).toContainText(money(11_111));
  await expect(main.getByRole('row', { name: /^Total/ })).toContainText(money(11_111));

  await page.getByRole('button', { name: 'Back' }).click();
  await expect(due).toContainText(money(11_111 + 6_789));
});

test('bills are found by where they stand and what they are for', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const [flat, cabin] = [voltaraNumber(), voltaraNumber()];
  // Two of three are paid already: history is told as it was.
  await sandbox.seedHistory('voltara', flat, 3);
  await sandbox.seedHistory('voltara', cabin, 1);
  const open = await sandbox.issueBill('voltara', flat, 4_321);
  await api.signUp('Fiona Finder');
  await api.addVoltara(flat, 'Flat', await api.addHome('Flat'));
  await api.addVoltara(cabin, 'Cabin', await api.addHome('Cabin'));

  await page.goto('/bills');
  const cards = page.getByRole('main').getByRole('link').filter({ hasText: 'Voltara' });
  await expect(cards).toHaveCount(5);
  await page.getByText('Paid', { exact: true }).first().click();
  await expect(cards).toHaveCount(2);
  await page.getByText('Open', { exact: true }).first().click();
  await expect(cards).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Home' }).selectOption('Cabin');
  await expect(cards).toHaveCount(1);
  await page.getByRole('combobox', { name: 'Home' }).selectOption('Flat');
  await expect(cards).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Type' }).selectOption('Gas');
  await expect(page.getByText('No bills match')).toBeVisible();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(cards).toHaveCount(5);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const chunks = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain(open.number);
});
