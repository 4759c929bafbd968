import { settled } from '../support/pages';
import { ADMIN, OPERATOR, PASSWORD } from '../support/people';
import { expect, test } from '../support/test';
import { totp } from '../support/totp';

test.use({ demoOptions: { settings: ['security.second_factor=staff'] } });

test('staff who must have a second factor set it up first, and an administrator resets a lost one', async ({
  person,
}) => {
  const operator = await person();
  const { page } = operator;
  await page.goto('/staff/customers');
  await page.getByLabel('E-mail').fill(OPERATOR);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Set up two-step sign-in' })).toBeVisible();
  // No way round it.
  await page.goto('/staff/payments');
  await expect(page.getByRole('heading', { name: 'Set up two-step sign-in' })).toBeVisible();
  const secret = (await page.locator('code').textContent()) ?? '';
  await page.getByLabel('Code from the app').fill(totp(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('button', { name: 'I have saved them' }).click();
  await expect(page.getByRole('heading', { name: 'Payments', level: 1 })).toBeVisible();
  await page.goto('/staff/settings');
  await settled(page);
  await expect(page.getByText('10 unused codes left')).toBeVisible();

  const admin = await person(ADMIN);
  await admin.page.goto('/staff');
  const key = (await admin.page.locator('code').textContent()) ?? '';
  await admin.page.getByLabel('Code from the app').fill(totp(key));
  await admin.page.getByRole('button', { name: 'Turn on' }).click();
  await admin.page.getByRole('button', { name: 'I have saved them' }).click();
  await expect(admin.page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await admin.page.goto('/staff/people');
  await settled(admin.page);
  const row = admin.page.getByRole('row').filter({ hasText: OPERATOR });
  await expect(row.getByText('Set up', { exact: true })).toBeVisible();
  await row.getByRole('button', { name: 'Reset second factor' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Lost the phone, seen in person');
  await dialog.getByRole('button', { name: 'Reset second factor' }).click();
  await expect(admin.page.getByText('Second factor reset')).toBeVisible();
  await expect(row.getByText('None', { exact: true })).toBeVisible();
  // Signed out at once.
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});
