import { goTo, settled } from '../support/pages';
import { ANNA, CLARA } from '../support/people';
import { expect, test } from '../support/test';

test('preferences are kept', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Petra Preference');
  await page.goto('/settings');
  await page.getByRole('link', { name: /Notifications/ }).click();
  const save = page.getByRole('button', { name: 'Save' });
  await expect(save).toBeDisabled();
  const mail = page.getByRole('checkbox', { name: 'A bill arrived: E-mail' });
  const before = await mail.isChecked();
  await mail.click();
  await page.getByText('14 days before', { exact: true }).first().click();
  await page.getByLabel('Time of day').selectOption('18');
  await page.getByRole('switch', { name: 'Quiet hours' }).click();
  await page.getByLabel('From').selectOption('21');
  await save.click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(save).toBeDisabled();

  await page.reload();
  await settled(page);
  await expect(mail).toBeChecked({ checked: !before });
  await expect(page.getByRole('checkbox', { name: '14 days before' }).first()).toBeChecked();
  await expect(page.getByLabel('Time of day')).toHaveValue('18');
  await expect(page.getByLabel('From')).toHaveValue('21');
});

test('forms show what was set on another device, and keep what is being changed here', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Frieda Forms');
  const preferences = page.getByRole('link', { name: /Notifications/ });
  const hour = page.getByLabel('Time of day');
  const name = page.getByLabel('Name', { exact: true });
  const save = page.getByRole('button', { name: 'Save' });
  await page.goto('/settings');
  await expect(name).toHaveValue('Frieda Forms');
  await preferences.click();
  await expect(hour).toHaveValue('9');
  await page.goBack();

  const elsewhere = { leadDays: [-10], reminderHour: 18 };
  const input = 'UpdateNotificationPreferencesInput';
  await api.act('updateNotificationPreferences', input, elsewhere, 'preferences { reminderHour }');
  await api.act('updateCustomer', 'UpdateCustomerInput', { name: 'Frieda Fresh' }, 'customer { name }');

  // The app still holds what it read before; it shows that and asks.
  await preferences.click();
  await expect(hour).toHaveValue('18');
  await expect(page.getByRole('checkbox', { name: '10 days before' }).first()).toBeChecked();
  await expect(save).toBeDisabled();
  await page.getByText('14 days before', { exact: true }).first().click();
  await save.click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const after = await api.run('{ viewer { notificationPreferences { leadDays reminderHour } } }');
  expect(after).toEqual({ viewer: { notificationPreferences: { leadDays: [-14, -10], reminderHour: 18 } } });

  await page.goto('/settings');
  await expect(name).toHaveValue('Frieda Fresh');
});

test('a person reads the app in their language and formats', async ({ person }) => {
  const clara = await person(CLARA);
  await clara.page.goto('/');
  await expect(clara.page.getByRole('heading', { name: 'Hallo, Clara' })).toBeVisible();
  await expect(clara.page.locator('html')).toHaveAttribute('lang', 'de');
  // She sees the shared home's bills, with a comma and the currency behind.
  await expect(clara.page.getByRole('main')).toContainText(/\d,\d{2}\s€/);

  const { page, api } = await person();
  await api.signUp('Lotte Language');
  await page.goto('/settings');
  await page.getByLabel('Language and format').selectOption('de-DE');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Einstellungen', level: 1 })).toBeVisible();
});

test('the dark look is chosen and kept', async ({ person }) => {
  const { page } = await person(ANNA);
  await page.goto('/settings');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const look = page.getByRole('radiogroup', { name: 'Appearance' }).locator('label');
  await look.filter({ hasText: 'Light' }).click();
  await expect.poll(background).toBe('rgb(245, 247, 250)');
  await look.filter({ hasText: 'Dark' }).click();
  await expect.poll(background).toBe('rgb(16, 21, 27)');
  await page.reload();
  await settled(page);
  expect(await background()).toBe('rgb(16, 21, 27)');
  await goTo(page, 'Home');
  await settled(page);
  expect(await background()).toBe('rgb(16, 21, 27)');
});
