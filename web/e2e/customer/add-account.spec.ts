import { goTo, money, settled } from '../support/pages';
import { PASSWORD, unique, voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('a newcomer signs up, adds a home and an account, and sees the first bill', async ({ person, sandbox }) => {
  const { page } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await sandbox.issueBill('voltara', account, 7_310);

  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Please fill this in.')).toBeVisible();
  await expect(page.getByText('At least 10 characters.', { exact: true })).toBeVisible();
  await page.getByLabel('Name').fill('Nora Neu');
  await page.getByLabel('E-mail').fill(`${unique()}@example.com`);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByLabel('Mobile number').fill('+0151 2345678');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Enter the number with + and the country code, such as +49 171 2345678.')).toBeVisible();
  await page.getByLabel('Mobile number').fill('+49 151 2345678');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Nora' })).toBeVisible();
  await expect(page.getByText('Add your first provider')).toBeVisible();

  await goTo(page, 'Accounts');
  await page.getByRole('button', { name: 'Add home' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Please fill this in.')).toBeVisible();
  await form.getByLabel('Name').fill('Garden flat');
  await form.getByLabel('City').fill('Berlin');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Garden flat' })).toBeVisible();

  await page.getByRole('main').getByRole('link', { name: 'Add', exact: true }).click();
  await page.getByLabel('Who is your provider?').fill('volt');
  await page.getByRole('button', { name: /Voltara Energie/ }).click();
  const number = page.getByLabel('Consumer number');
  const submit = page.getByRole('button', { name: 'Add and test' });
  await submit.click();
  await expect(page.getByText('Please fill this in.')).toBeVisible();
  // The provider's own rule, before anybody is asked.
  await number.fill('VX12345678');
  await submit.click();
  await expect(page.getByText('This does not look right. Example: VT10000001')).toBeVisible();
  await page.getByRole('combobox', { name: 'Home' }).selectOption('Garden flat');

  // A number of the right form that Voltara does not know: the test fetch says so, and the details can be mended.
  await number.fill('VT99999999');
  await submit.click();
  await expect(page.getByRole('heading', { name: 'The provider does not know this account' })).toBeVisible();
  await expect(page.getByText('Voltara has no customer with this consumer number.')).toBeVisible();
  await page.getByRole('button', { name: 'Correct the details' }).click();
  await number.fill(account);
  await sandbox.latency(2_000);
  await submit.click();
  await expect(page.getByRole('heading', { name: 'Asking Voltara Energie for your bills' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Found 1 bill' })).toBeVisible();
  await sandbox.latency(120);
  await expect(page.getByRole('main')).toContainText(money(7_310));

  await goTo(page, 'Home');
  await expect(page.getByRole('region', { name: 'To pay', exact: true })).toContainText(money(7_310));
  await expect(page.getByRole('main')).toContainText('Garden flat');
  await settled(page);
});

test('a prepaid line shows its plan and what recharging costs', async ({ person, sandbox }) => {
  const { page, api } = await person();
  await api.signUp('Paul Prepaid');
  await sandbox.addAccount('chirp', '+491713920006');
  await page.goto('/accounts/new');
  await page.getByRole('button', { name: /Chirp Prepaid/ }).click();
  await page.getByLabel('Mobile number').fill('+491713920006');
  await page.getByRole('button', { name: 'Add and test' }).click();
  await page.getByRole('link', { name: 'Go to the account' }).click();
  await expect(page.getByRole('heading', { name: 'Recharge plans' })).toBeVisible();
  await expect(page.getByText('Current', { exact: true })).toBeVisible();
  await expect(page.getByText(/Ends /)).toBeVisible();
  await expect(page.getByRole('main')).toContainText('€');
});
