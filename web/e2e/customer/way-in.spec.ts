import { settled } from '../support/pages';
import { PASSWORD, unique } from '../support/people';
import { expect, test } from '../support/test';

const NEW = 'seventeen purple ladders';

const languages = [
  {
    locale: 'en-GB',
    create: 'Create account',
    name: 'Name',
    email: 'E-mail',
    password: 'Password',
    weak: /too easy to guess/,
    banner: 'Confirm your address',
    confirm: 'Confirm this address',
    confirmed: 'Address confirmed',
    goOn: 'Continue',
    forgot: 'Forgot password?',
    send: 'Send link',
    sent: 'Check your mail',
    next: 'New password',
    set: 'Set password',
    done: 'Password set',
    signIn: 'Sign in',
    used: 'This link was used already',
  },
  {
    locale: 'de-DE',
    create: 'Konto anlegen',
    name: 'Name',
    email: 'E-Mail',
    password: 'Passwort',
    weak: /zu leicht zu erraten/,
    banner: 'Bestätigen Sie Ihre Adresse',
    confirm: 'Diese Adresse bestätigen',
    confirmed: 'Adresse bestätigt',
    goOn: 'Weiter',
    forgot: 'Passwort vergessen?',
    send: 'Link schicken',
    sent: 'Sehen Sie in Ihre E-Mails',
    next: 'Neues Passwort',
    set: 'Passwort festlegen',
    done: 'Passwort festgelegt',
    signIn: 'Anmelden',
    used: 'Dieser Link wurde schon benutzt',
  },
] as const;

for (const words of languages) {
  test.describe(words.locale, () => {
    test.use({ locale: words.locale });

    test('signing up, confirming the address and resetting the password', async ({ page, sandbox }) => {
      const email = `${unique()}@example.com`;
      await page.goto('/sign-up');
      await page.getByRole('textbox', { name: words.name, exact: true }).fill('Vera Verify');
      await page.getByLabel(words.email).fill(email);
      await page.getByRole('textbox', { name: words.password }).fill('password1234');
      await page.getByRole('button', { name: words.create }).click();
      const password = page.getByRole('textbox', { name: words.password });
      await expect(password).toHaveAccessibleDescription(words.weak);
      await expect(password).toHaveAttribute('aria-invalid', 'true');
      await page.getByRole('textbox', { name: words.password }).fill(PASSWORD);
      await page.getByRole('button', { name: words.create }).click();
      await expect(page.getByText(words.banner)).toBeVisible();
      await settled(page);

      const confirm = await sandbox.mailedToken(email, 'confirm-email');
      await page.goto(`/confirm-email?token=${confirm}`);
      await page.getByRole('button', { name: words.confirm }).click();
      await expect(page.getByRole('heading', { name: words.confirmed })).toBeVisible();
      await page.getByRole('link', { name: words.goOn }).click();
      await expect(page.getByRole('main')).toBeVisible();
      await expect(page.getByText(words.banner)).toHaveCount(0);

      await page.goto('/sign-in');
      await page.getByRole('link', { name: words.forgot }).click();
      await page.getByLabel(words.email).fill(email);
      await page.getByRole('button', { name: words.send }).click();
      await expect(page.getByRole('heading', { name: words.sent })).toBeVisible();
      const reset = await sandbox.mailedToken(email, 'reset-password');
      await page.goto(`/reset-password?token=${reset}`);
      await page.getByRole('textbox', { name: words.next }).fill(NEW);
      await page.getByRole('button', { name: words.set }).click();
      await expect(page.getByRole('heading', { name: words.done })).toBeVisible();
      await page.getByRole('link', { name: words.signIn }).click();
      await page.getByLabel(words.email).fill(email);
      await page.getByRole('textbox', { name: words.password }).fill(NEW);
      await page.getByRole('button', { name: words.signIn, exact: true }).click();
      await expect(page.getByRole('button', { name: 'Vera Verify' }).first()).toBeVisible();

      await page.goto(`/reset-password?token=${reset}`);
      await page.getByRole('textbox', { name: words.next }).fill(PASSWORD);
      await page.getByRole('button', { name: words.set }).click();
      await expect(page.getByRole('alert')).toContainText(words.used);
    });
  });
}
