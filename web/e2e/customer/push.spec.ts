import type { BrowserContext, CDPSession, Page, Worker } from '@playwright/test';
import { money, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import type { BrowserSubscription } from '../support/sandbox';
import { expect, test } from '../support/test';

test.use({ serviceWorkers: 'allow' });

/**
 * A browser without a screen has no push service. What such a service hands out comes from the sandbox; everything
 * before and after it (the permission, the registration, the delivery, the decryption) is real.
 */
async function subscribesAs(page: Page, subscription: BrowserSubscription): Promise<void> {
  await page.addInitScript((made) => {
    PushManager.prototype.subscribe = async () =>
      ({ endpoint: made.endpoint, toJSON: () => made, unsubscribe: async () => true }) as unknown as PushSubscription;
  }, subscription);
}

/** Delivers a message to the page's service worker, as the browser does when its push service sends one. */
async function deliver(page: Page, cdp: CDPSession, data: string): Promise<void> {
  const scope = new URL('/', page.url()).href;
  const registered = new Promise<string>((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL === scope);
      if (ours) resolve(ours.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registered;
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: new URL(scope).origin, registrationId, data });
}

async function serviceWorker(context: BrowserContext) {
  return context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
}

type Noted = ServiceWorkerGlobalScope & { shown: Promise<void> };

/** From now on the worker knows when it has shown something. */
async function notesWhenShown(worker: Worker): Promise<void> {
  await worker.evaluate(() => {
    const { prototype } = ServiceWorkerRegistration;
    const show = prototype.showNotification;
    (self as unknown as Noted).shown = new Promise((resolve) => {
      prototype.showNotification = async function noted(...given) {
        await show.apply(this, given);
        resolve();
      };
    });
  });
}

/** The notifications on the screen, once there are any: who asks while one is coming up makes Chromium forget it. */
function shown(worker: Worker): Promise<string[]> {
  return worker.evaluate(async () => {
    const scope = self as unknown as Noted;
    await scope.shown;
    return (await scope.registration.getNotifications()).map(({ title, body }) => `${title} ${body}`);
  });
}

test('push is turned on for a device, arrives encrypted for it, and opens the bill', async ({ person, sandbox }) => {
  const { page, api, context } = await person();
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  await api.signUp('Pia Push');
  await api.addVoltara(account, 'Flat');
  const subscription = await sandbox.subscribe();
  await context.grantPermissions(['notifications']);
  await subscribesAs(page, subscription);

  await page.goto('/settings/notifications');
  const worker = await serviceWorker(context);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.getByRole('button', { name: 'Turn on for this device' }).click();
  await expect(page.getByText('this device', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Send a test notification' }).click();
  await expect(page.getByText('On its way.')).toBeVisible();
  await expect.poll(() => sandbox.pushes(subscription.id)).toHaveLength(1);

  await sandbox.issueBill('voltara', account, 3_377);
  await expect.poll(() => sandbox.pushes(subscription.id)).toHaveLength(2);
  const [push] = await sandbox.pushes(subscription.id);
  // The sandbox has decrypted it with the subscription's own keys.
  const { notification } = JSON.parse(push?.payload ?? '{}');
  expect(`${notification.title} ${notification.body}`).toContain(money(3_377));

  await notesWhenShown(worker);
  await deliver(page, await context.newCDPSession(page), push?.payload ?? '');
  expect(await shown(worker)).toEqual([`${notification.title} ${notification.body}`]);

  // A tap, as the browser reports it; without a person's finger it would not let a window come to the front.
  await worker.evaluate(async () => {
    const scope = self as unknown as ServiceWorkerGlobalScope;
    WindowClient.prototype.focus = async function focus(this: WindowClient) {
      return this;
    };
    const [tapped] = await scope.registration.getNotifications();
    if (tapped) scope.dispatchEvent(new NotificationEvent('notificationclick', { notification: tapped }));
  });
  await expect(page.getByRole('heading', { name: 'Bill from Voltara Energie' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(money(3_377));
  await settled(page);

  // A device that is removed hears nothing any more.
  await page.goto('/settings/notifications');
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Turn on for this device' })).toBeVisible();
  await sandbox.issueBill('voltara', account, 3_378);
  await page.goto('/inbox');
  await expect(page.getByRole('main')).toContainText(money(3_378));
  expect(await sandbox.pushes(subscription.id)).toHaveLength(2);
});
