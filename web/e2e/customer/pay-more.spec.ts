import { money, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('a card is saved, named, made the default and removed', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Marta Methods');
  await page.goto('/settings');
  await page.getByRole('link', { name: /Payment methods/ }).click();
  await expect(page.getByText('No payment methods yet')).toBeVisible();

  const add = async (token: string, label: string) => {
    await page.getByRole('button', { name: /^Add/ }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^Name/ }).fill(label);
    await dialog.getByRole('button', { name: /I have a token/ }).click();
    await dialog.getByRole('textbox', { name: 'Token' }).fill(token);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog).toBeHidden();
  };
  const main = page.getByRole('main');
  await add('pm_card_visa', 'Household');
  await expect(main).toContainText('Household');
  await expect(main.getByText('Ready')).toHaveCount(1);
  await add('pm_card_mastercard', 'Spare');
  await expect(main.getByText('Ready')).toHaveCount(2);

  await page.getByRole('button', { name: 'Actions for Spare' }).click();
  await page.getByRole('menuitem', { name: 'Use by default' }).click();
  await expect(page.getByRole('menu')).toBeHidden();
  await page.getByRole('button', { name: 'Actions for Spare' }).click();
  await expect(page.getByRole('menuitem', { name: 'Remove' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Use by default' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();

  await page.getByRole('button', { name: 'Actions for Household' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(main.getByText('Household')).toHaveCount(0);
  await expect(main).toContainText('Spare');
});

test('a card is saved on the gateway’s page', async ({ person, guard }) => {
  guard.expect(/another host was asked: http:\/\/127\.0\.0\.1:\d+\/cards\//);
  const { page, api } = await person();
  await api.signUp('Gero Gateway');
  await page.goto('/settings/payments');
  await page.getByRole('button', { name: 'Add a payment method' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Continue to the secure page' }).click();
  await page.waitForURL(/\/cards\/pay\//);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/settings\/payments/);
  await expect(page.getByRole('main').getByText('Ready')).toBeVisible();
  await expect(page.getByRole('main')).toContainText('4242');
});

test('the wallet is topped up and says what moved', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Walter Wallet');
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 19_191);
  await expect.poll(() => api.billOf(19_191).catch(() => undefined)).toBeTruthy();
  await api.saveCard('pm_card_visa');
  await page.goto('/wallet');
  await expect(page.getByText('No movements yet')).toBeVisible();
  await page.getByRole('button', { name: 'Top up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('35.50');
  await dialog.getByRole('button', { name: `Top up ${money(3_550)}` }).click();
  await expect(page.getByRole('heading', { name: 'Wallet top-up' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();
  await page.goto('/wallet');
  await expect(page.getByRole('region', { name: 'In your wallet' })).toContainText(money(3_550));
  await expect(page.getByText('Topped up')).toBeVisible();
});

test('payments are found by status and type, and their receipt is a file to keep', async ({ person, sandbox }) => {
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Rita Receipt');
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 17_171);
  await expect.poll(() => api.billOf(17_171).catch(() => undefined)).toBeTruthy();
  await api.pay(await api.billOf(17_171), await api.saveCard('pm_card_visa'));

  await page.goto('/payments');
  const cards = page.getByRole('main').getByRole('link').filter({ hasText: 'Voltara' });
  await expect(cards).toHaveCount(1);
  await page.getByRole('combobox', { name: 'Status' }).selectOption('Failed');
  await expect(page.getByText('No payments match')).toBeVisible();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await page.getByRole('combobox', { name: 'Type' }).selectOption('Electricity');
  await page.getByRole('combobox', { name: 'Period' }).selectOption('This month');
  await expect(cards).toHaveCount(1);

  // A payment made meanwhile, on another device, appears by itself.
  await sandbox.issueBill('voltara', account, 18_181);
  await expect.poll(() => api.billOf(18_181).catch(() => undefined)).toBeTruthy();
  const methods = await api.run<{ paymentMethods: { id: string }[] }>('{ paymentMethods { id } }');
  await api.pay(await api.billOf(18_181), methods.paymentMethods[0]?.id ?? '');
  await expect(cards).toHaveCount(2);

  await cards.filter({ hasText: money(17_171) }).click();
  await settled(page);
  const receipt = page.getByRole('button', { name: 'Download: Receipt' });
  await expect(receipt).toBeVisible();
  const download = page.waitForEvent('download');
  await receipt.click();
  expect((await download).suggestedFilename()).toMatch(/\.pdf$/);
});

test('whoever has the link pays one bill without signing in', async ({ person, sandbox, guard }) => {
  guard.expect(/another host was asked: http:\/\/127\.0\.0\.1:\d+\/cards\//);
  const { page, api } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Lotte Link');
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 27_272);
  await expect.poll(() => api.billOf(27_272).catch(() => undefined)).toBeTruthy();
  await page.goto(`/bills/${await api.billOf(27_272)}`);
  await page.getByRole('button', { name: 'Share a link to pay it' }).click();
  const link = await page.getByRole('dialog').getByRole('textbox', { name: 'Link' }).inputValue();

  const { page: guest } = await person();
  await guest.goto(link);
  await expect(guest.getByRole('heading', { name: 'Bill from Voltara Energie' })).toBeVisible();
  await guest.getByRole('button', { name: `Pay ${money(27_272)}` }).click();
  await guest.waitForURL(/\/cards\/pay\//);
  await guest.getByRole('button', { name: 'Pay', exact: true }).click();
  await guest.waitForURL(link);
  await expect(guest.getByRole('list', { name: 'How far it is' }).getByText('Paid', { exact: true })).toBeVisible();
  await expect(guest.getByRole('button', { name: /^Pay/ })).toHaveCount(0);

  const { page: nobody } = await person();
  await nobody.goto(`${link}x`);
  await expect(nobody.getByText('This link no longer works')).toBeVisible();
});
