import { money, settled } from '../support/pages';
import { chirpNumber } from '../support/people';
import { expect, test } from '../support/test';

test('a plan is bought for a prepaid line; its code is shown, sent and sent again, and the line lasts longer', async ({
  person,
  sandbox,
}) => {
  const { page, api } = await person();
  const line = chirpNumber();
  await sandbox.addAccount('chirp', line);
  const email = await api.signUp('Petra Prepaid');
  const account = await api.addChirp(line, 'Tablet');
  await api.saveCard('pm_card_visa');

  await page.goto(`/accounts/${account}`);
  await settled(page);
  await page.getByRole('button', { name: 'Recharge: Chirp Eight Weeks' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Chirp Eight Weeks');
  await expect(dialog).toContainText('56 days');
  await expect(dialog.getByRole('radio', { name: /4242/ })).toBeChecked();
  const loaded = await page.evaluate(() => performance.timeOrigin);
  await dialog.getByRole('button', { name: `Recharge for ${money(1_899)}` }).click();

  const progress = page.getByRole('list', { name: 'How far it is' });
  await expect(progress.getByText('Paid', { exact: true })).toBeVisible();
  await expect(progress.getByText('Confirmed by the provider')).toBeVisible();
  const code = page.getByRole('main').getByText(/^\d{4}-\d{4}-\d{4}-\d{4}$/);
  await expect(code).toBeVisible();
  expect(await page.evaluate(() => performance.timeOrigin), 'the page was not loaded again').toBe(loaded);
  const words = await code.textContent();
  await expect(page.getByRole('link', { name: 'Chirp Eight Weeks · 56 days' })).toBeVisible();

  const letters = async () => (await sandbox.mailsTo(email)).filter((subject) => subject.includes('recharge is done'));
  await expect.poll(async () => (await letters()).length).toBe(1);
  await page.getByRole('button', { name: 'Send it again' }).click();
  await expect(page.getByText('The code is on its way to you.')).toBeVisible();

  await page.goto(`/accounts/${account}`);
  await expect(page.getByRole('heading', { name: 'Recharges' })).toBeVisible();
  await expect(page.getByText(words ?? '', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Chirp Eight Weeks' })).toHaveAttribute('href', /\/payments\/pay_/);
  const current = page.getByText('Current', { exact: true }).locator('../..');
  await expect(current).toContainText('Chirp Eight Weeks');

  for (const state of ['OPEN', 'PAID']) {
    await page.goto(`/bills?state=${state}`);
    await settled(page);
    await expect(page.getByRole('main'), 'a recharge is not a bill').not.toContainText(money(1_899));
  }
});

test('a card that is refused leaves no recharge to be paid', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const line = chirpNumber();
  await sandbox.addAccount('chirp', line);
  await api.signUp('Ralf Refused');
  const account = await api.addChirp(line, 'Phone');
  await api.saveCard('pm_card_chargeDeclinedInsufficientFunds');

  await page.goto(`/accounts/${account}`);
  await settled(page);
  await page.getByRole('button', { name: 'Recharge: Chirp Four Weeks' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Recharge for ${money(999)}` })
    .click();
  await expect(page.getByText('The payment did not go through')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try another method' })).toBeVisible();
  await page.goto(`/accounts/${account}`);
  await expect(page.getByRole('button', { name: 'Recharge: Chirp Four Weeks' })).toBeVisible();
  await expect(page.getByText('Cancelled', { exact: true })).toBeVisible();
});
