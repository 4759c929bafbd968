import type { BrowserContext, Page } from '@playwright/test';
import { settled } from '../support/pages';
import { expect, test } from '../support/test';

// Passkeys belong to a name.
test.use({ demoOptions: { host: 'localhost' } });

/** A phone's or computer's own authenticator, as Chromium pretends it: it checks its owner and keeps the keys. */
async function authenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test('a passkey is added, signs in without a password, and is removed', async ({ person }) => {
  const { context, page, api } = await person();
  await authenticator(context, page);
  await api.signUp('Paula Passkey');
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add passkey' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('My phone');
  await dialog.getByRole('button', { name: 'Make passkey' }).click();
  await expect(dialog.getByRole('listitem')).toHaveCount(10);
  await dialog.getByRole('button', { name: 'I have saved them' }).click();
  await expect(page.getByText('My phone')).toBeVisible();

  await context.clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('heading', { name: /Hello, Paula/ })).toBeVisible();

  await page.goto('/settings');
  await settled(page);
  await expect(page.getByText('Passkey · from')).toBeVisible();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('My phone')).toBeHidden();
});
