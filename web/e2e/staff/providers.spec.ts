import { providerByHand } from '../support/by-hand';
import { gate } from '../support/gate';
import { settled } from '../support/pages';
import { ADMIN, unique } from '../support/people';
import { expect, test } from '../support/test';

/** The key Voltara's pretend server asks for. */
const SECRET = 'voltara-key-7f3a';

const PROGRAM = `.steps.invoices as $answer
| if $answer.status == 404 then {outcome: "NOT_FOUND", message: "No such customer."}
  else {outcome: "BILLS", bills: [$answer.body.invoices[] | {
    number: .invoiceNo,
    account: $answer.body.customer.consumerNumber,
    amount: {minor: .total.cents},
    currency: .total.currency,
    issued_on: (.issueDate | .[0:4] + "-" + .[4:6] + "-" + .[6:8]),
    due_on: (.dueDate | .[0:4] + "-" + .[4:6] + "-" + .[6:8])
  }]} end`;

test('an administrator registers a provider from a template, mends its mapping by trying it, and pauses it', async ({
  person,
  sandbox,
}) => {
  const { page } = await person(ADMIN);
  const name = `Nordlicht ${unique()}`;
  const section = (label: string) => page.getByRole('tab', { name: label }).click();
  await page.goto('/staff/providers');
  await page.getByRole('link', { name: 'Register a provider' }).click();
  await page.getByRole('button', { name: /HTTP interface/ }).click();

  // What is wrong is told where it is wrong.
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await expect(page.getByText(/things? to mend/)).toBeVisible();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('textbox', { name: 'Code' }).fill(`nordlicht-${unique()}`);

  await section('Connector');
  await page.getByLabel('Base address').fill(`${sandbox.url}/voltara/v1`);
  await section('Parameters');
  await page.getByLabel('Pattern').fill('VT[0-9]{8}');
  await page.getByRole('textbox', { name: 'Example' }).fill('VT10000006');
  await section('Credentials');
  await page.getByRole('button', { name: 'Add api_key' }).click();
  await page.getByRole('textbox', { name: 'Secret' }).fill(SECRET);

  // The template's mapping does not fit this provider, and the report says where.
  await section('Try it');
  await page.getByRole('button', { name: 'Try it' }).click();
  const report = page.getByRole('status').filter({ hasText: 'Requests and answers' });
  await expect(report).toContainText('/customers/VT10000006/invoices');
  await expect(report).toContainText(/Broken|would be refused/);
  await expect(report).toContainText(/number/);
  await report
    .getByRole('button', { name: /invoices/ })
    .first()
    .click();
  await expect(report).toContainText('R202610');
  expect(await page.getByRole('main').textContent(), 'the secret is masked').not.toContain(SECRET);

  await section('Connector');
  await page.getByLabel('Outcome program (jq)').fill(PROGRAM);
  await section('Try it');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(report.getByText('would be taken').first()).toBeVisible();
  await expect(report).toContainText('€');

  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await settled(page);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await expect(dialog.getByText('Say why, for whoever looks at this later.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('Their interface changes tonight.');
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('main')).toContainText('Their interface changes tonight.');
  await expect(page.getByRole('button', { name: 'Fetch all now' })).toHaveCount(0);
});

test('a change of a definition is a version that says what changed', async ({ person }) => {
  const { page, api } = await person(ADMIN);
  await page.goto('/staff/providers');
  await page.getByRole('main').getByRole('link', { name: 'Gasline' }).click();
  await page.getByRole('tab', { name: 'Definition' }).click();
  await page.getByRole('tab', { name: 'Limits' }).click();
  await page.getByLabel('Calls under way at once').fill('3');
  await page.getByLabel('What changed and why').fill('They asked us to be gentle.');
  await page.getByRole('button', { name: 'Save as version 2' }).click();
  await expect(page.getByText('Version 2 is stored')).toBeVisible();
  await page.getByRole('tab', { name: 'Versions' }).click();
  await expect(page.getByRole('main')).toContainText('They asked us to be gentle.');
  await expect(page.getByRole('main')).toContainText('"concurrency": 3');

  // Where nothing is being changed, another administrator's version is the one that is edited.
  await page.getByRole('tab', { name: 'Definition' }).click();
  await page.getByRole('tab', { name: 'Limits' }).click();
  await expect(page.getByLabel('Calls under way at once')).toHaveValue('3');
  const providerId = new URL(page.url()).pathname.split('/').at(-1);
  type Stored = { provider: { version: number; definition: { limits: object } } };
  const { provider } = await api.run<Stored>('query ($id: ID!) { provider(id: $id) { version definition } }', {
    id: providerId,
  });
  const definition = { ...provider.definition, limits: { ...provider.definition.limits, concurrency: 2 } };
  const input = { providerId, expectedVersion: provider.version, definition };
  await api.act('updateProvider', 'UpdateProviderInput', input, 'provider { version }');
  await expect(page.getByLabel('Calls under way at once')).toHaveValue('2');
  await expect(page.getByRole('button', { name: 'Save as version 4' })).toBeVisible();
});

test('what happens while a page of the console comes up is shown on it', async ({ person }) => {
  const { page, api: admin } = await person(ADMIN);
  const { name, providerId } = await providerByHand(admin, 'EXACT');
  const listens = gate();
  await page.routeWebSocket('**/graphql/ws', async (socket) => {
    await listens.opened;
    socket.connectToServer();
  });
  await page.goto(`/staff/providers/${providerId}`);
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await settled(page);
  const reason = 'They move to new machines.';
  await admin.act('pauseProvider', 'PauseProviderInput', { providerId, reason }, 'provider { id }');
  await expect(page.getByRole('main')).not.toContainText(reason);
  listens.open();
  await expect(page.getByRole('main')).toContainText(reason);
});
