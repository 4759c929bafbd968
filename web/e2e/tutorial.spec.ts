import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { EXAMPLE_HOST, install } from './support/installation';
import { billCard, goTo, money } from './support/pages';
import { PASSWORD } from './support/people';
import { expect, test } from './support/test';

const TUTORIAL = resolve(import.meta.dirname, '../../docs/tutorial.md');

/** The block of this language in the tutorial that holds this text. */
async function block(language: string, holds: string): Promise<string> {
  const text = await readFile(TUTORIAL, 'utf8');
  const blocks = [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, of]) => of === language);
  const found = blocks.map(([, , body]) => body ?? '').find((body) => body.includes(holds));
  if (!found) throw new Error(`docs/tutorial.md has no ${language} with '${holds}'`);
  return found;
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test.use({
  // A sandbox of its own, as it sends its webhooks elsewhere.
  demoOptions: { settings: ['sign_ups_per_hour=1000'] },
  launchOptions: async ({ launchOptions }, use) =>
    use({
      ...launchOptions,
      args: [...(launchOptions.args ?? []), `--host-resolver-rules=MAP ${EXAMPLE_HOST} 127.0.0.1`],
    }),
});

test('the tutorial leads from nothing to the first paid bill', async ({ browser, database, demo, sandbox }) => {
  const billow = await install(database, demo.sandboxUrl);
  try {
    const staff = await browser.newContext({ baseURL: billow.url, ignoreHTTPSErrors: true });
    const page = await staff.newPage();
    await signIn(page, 'admin@example.com', billow.password);
    await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();

    await page.goto('/staff/providers');
    await page.getByRole('link', { name: 'Register a provider' }).first().click();
    await page.getByRole('button', { name: /File/ }).click();
    await page.getByRole('tab', { name: 'As JSON' }).click();
    await page.getByRole('textbox', { name: 'As JSON' }).fill(await block('json', 'cityworks'));
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'City Works', level: 1 })).toBeVisible();

    await page.goto('/staff/gateways');
    await page.getByRole('link', { name: 'Add a gateway' }).first().click();
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('SANDBOX');
    await page.getByRole('textbox', { name: 'Name' }).fill('Sandbox');
    await page.getByRole('textbox', { name: 'Code' }).fill('sandbox');
    await page.getByLabel('Base address').fill(`${demo.sandboxUrl}/cards`);
    await page.getByLabel('Secret key').fill('sk_test_sandbox_6b0f2d');
    await page.getByLabel('Webhook secret').fill('whsec_sandbox_81c4e7');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Sandbox', level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.getByRole('main')).toContainText('The keys work');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await expect(page.getByRole('main')).toContainText('Active');

    const told = page.getByText(/\/webhooks\/gateways\/sandbox$/);
    await expect(told).toHaveText(`${billow.url}/webhooks/gateways/sandbox`);
    await sandbox.sendWebhooksTo(`${billow.direct}/webhooks/gateways/sandbox`);

    const drop = join(billow.folder, 'data/drop/cityworks');
    await mkdir(drop, { recursive: true });
    const file = (await block('sh', 'CW000042')).match(/printf '([^']*)'/)?.[1];
    await writeFile(join(drop, 'november.csv'), (file ?? '').replaceAll('\\n', '\n'));

    const customer = await browser.newContext({ baseURL: billow.url, ignoreHTTPSErrors: true });
    const app = await customer.newPage();
    await app.goto('/sign-up');
    await app.getByLabel('Name').fill('Tilda Tutorial');
    await app.getByLabel('E-mail').fill('tilda@example.com');
    await app.getByRole('textbox', { name: 'Password' }).fill(`${PASSWORD} of my own`);
    await app.getByRole('button', { name: 'Create account' }).click();
    await expect(app.getByRole('heading', { name: 'Hello, Tilda' })).toBeVisible();
    await goTo(app, 'Accounts');
    await app.getByRole('main').getByRole('link', { name: 'Add', exact: true }).click();
    await app.getByLabel('Who is your provider?').fill('city');
    await app.getByRole('button', { name: /City Works/ }).click();
    await app.getByLabel('Meter number').fill('CW000042');
    await app.getByRole('button', { name: 'Add and test' }).click();
    await expect(app.getByRole('heading', { name: 'Found 1 bill' })).toBeVisible();

    await goTo(app, 'Bills');
    await billCard(app, 4_250).click();
    await app.getByRole('link', { name: `Pay ${money(4_250)}` }).click();
    await app.getByRole('radio', { name: /Another card/ }).check();
    await app.getByRole('button', { name: `Pay ${money(4_250)}` }).click();
    await app.waitForURL(/\/cards\/pay\//);
    await app.getByRole('button', { name: 'Pay', exact: true }).click();
    await app.waitForURL(/\/payments\/pay_/);
    for (const paper of ['Invoice', 'Receipt']) {
      const downloading = app.waitForEvent('download');
      await app
        .getByRole('button', { name: `Download: ${paper}` })
        .first()
        .click();
      const file = await readFile(await (await downloading).path());
      expect(file.subarray(0, 5).toString(), paper).toBe('%PDF-');
    }
    await goTo(app, 'Bills');
    await expect(billCard(app, 4_250)).toContainText('Paid');
    expect(await billow.billow('ledger', 'check')).toContain('the books balance');
    for (const path of database === 'postgres' ? ['/metrics', '/readyz'] : []) {
      expect((await app.goto(path))?.status(), `${path} is not public`).toBe(404);
    }
  } finally {
    await billow.stop();
  }
});
