import type { Page } from '@playwright/test';
import { settled } from '../support/pages';
import { PASSWORD } from '../support/people';
import { expect, test } from '../support/test';
import { totp } from '../support/totp';

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('an authenticator app is added, asked for at sign-in, and a recovery code replaces it once', async ({
  person,
}) => {
  const { page, api } = await person();
  const email = await api.signUp('Selma Second');
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add app' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
  const secret = (await dialog.locator('code').textContent()) ?? '';
  await dialog.getByLabel('Code from the app').fill('000000');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel('Code from the app').fill(totp(secret));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await expect(dialog.getByRole('listitem')).toHaveCount(10);
  const codes = await dialog.getByRole('listitem').allTextContents();
  await dialog.getByRole('button', { name: 'I have saved them' }).click();
  await expect(page.getByText('10 unused codes left')).toBeVisible();
  await page.reload();
  await settled(page);
  await expect(page.getByText('10 unused codes left')).toBeVisible();

  // Another browser: the password alone does not sign in.
  const other = await person();
  await signIn(other.page, email);
  await expect(other.page.getByRole('heading', { name: 'One more step' })).toBeVisible();
  await other.page.getByLabel('Six-digit code').fill('000000');
  await other.page.getByRole('button', { name: 'Continue' }).click();
  await expect(other.page.getByRole('alert')).toBeVisible();
  // The step after the one that was used up for setting up.
  await other.page.getByLabel('Six-digit code').fill(totp(secret, 1));
  await other.page.getByRole('button', { name: 'Continue' }).click();
  await expect(other.page.getByRole('heading', { name: /Hello, Selma/ })).toBeVisible();

  // A third one, without the phone.
  const third = await person();
  await signIn(third.page, email);
  await third.page.getByRole('button', { name: 'Use a recovery code' }).click();
  await third.page.getByLabel('Recovery code').fill(codes[0] ?? '');
  await third.page.getByRole('button', { name: 'Continue' }).click();
  await expect(third.page.getByRole('heading', { name: /Hello, Selma/ })).toBeVisible();
  await third.page.goto('/settings');
  await expect(third.page.getByText('9 unused codes left')).toBeVisible();
  await expect(third.page.getByText('Password and recovery code')).toBeVisible();
  await expect(third.page.getByText('Password and app code')).toBeVisible();

  // Signing out everywhere ends the others too.
  await third.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await third.page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(third.page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await expect(other.page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test('something important asks who is there again, and goes on by itself', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Konrad Confirm');
  await page.goto('/settings');
  // The server asks ten minutes after the sign-in; here its first answer says that they are over.
  let refused = 0;
  await page.route('**/graphql', async (route) => {
    if (refused > 0 || !route.request().postData()?.includes('StartTotpSetup')) return route.fallback();
    refused += 1;
    const errors = [
      {
        message: 'Confirm',
        path: ['startTotpSetup'],
        extensions: { code: 'CONFIRMATION_REQUIRED', methods: ['PASSWORD'] },
      },
    ];
    return route.fulfill({ json: { data: null, errors } });
  });
  await page.getByRole('button', { name: 'Add app' }).click();
  const asked = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await asked.getByRole('textbox', { name: 'Your password' }).fill('not the right one');
  await asked.getByRole('button', { name: 'Continue' }).click();
  await expect(asked.getByRole('alert')).toBeVisible();
  await asked.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await asked.getByRole('button', { name: 'Continue' }).click();
  await expect(asked).toBeHidden();
  await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
  expect(refused).toBe(1);
});

test('in German too', async ({ person }) => {
  const { page, api } = await person();
  await api.signUp('Dora Deutsch');
  await page.goto('/settings');
  await page.getByLabel('Language and format').selectOption('de-DE');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'App hinzufügen' }).click();
  const dialog = page.getByRole('dialog');
  const secret = (await dialog.locator('code').textContent()) ?? '';
  await dialog.getByLabel('Code aus der App').fill(totp(secret));
  await dialog.getByRole('button', { name: 'Einschalten' }).click();
  await dialog.getByRole('button', { name: 'Ich habe sie aufbewahrt' }).click();
  await expect(page.getByText('Noch 10 unbenutzte Codes')).toBeVisible();
});
