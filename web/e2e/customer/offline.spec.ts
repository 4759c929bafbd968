import { billCard, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test.use({ serviceWorkers: 'allow' });

test('without a network the last known bills are there and say how old they are; afterwards nothing was missed', async ({
  person,
  sandbox,
  guard,
}) => {
  guard.expect(/net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED|WebSocket connection/);
  const { page, api, context } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Olaf Offline');
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 8_118);
  await page.goto('/bills');
  await expect(billCard(page, 8_118)).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  // The worker takes over with the next load, as on a second visit.
  await page.reload();
  await settled(page);
  await expect(billCard(page, 8_118)).toBeVisible();

  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(page.getByText(/Shown as of/)).toBeVisible();
  await page.reload();
  await expect(billCard(page, 8_118)).toBeVisible();
  await expect(page.getByText('You are offline.')).toBeVisible();

  // Whatever the list is asked for first, the live stream goes on from where the stored one ended.
  await context.route('**/graphql', (route) =>
    route.request().postData()?.includes('query Bills(') ? route.abort() : route.continue(),
  );
  await sandbox.issueBill('voltara', account, 8_228);
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
  await expect(billCard(page, 8_228)).toBeVisible();
});
