/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { readPush, sameOriginPath } from './shared/lib/push-message';

declare const self: ServiceWorkerGlobalScope;

// The shell of the app opens without a network. What people owe is never served from here: the server's own paths
// (the API, its pages, its hooks) always go to the network.
const SERVER_PATHS = [
  /^\/graphql/,
  /^\/graphiql/,
  /^\/hooks/,
  /^\/webhooks/,
  /^\/documents/,
  /^\/verify/,
  /^\/metrics/,
  /^\/livez/,
  /^\/readyz/,
  /^\/unsubscribe/,
];

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: SERVER_PATHS }));

self.addEventListener('message', (event) => {
  // Sent by the update prompt: the person chooses the moment.
  if ((event.data as { type?: string } | null)?.type === 'SKIP_WAITING') void self.skipWaiting();
});

self.addEventListener('push', (event) => {
  const { title, options } = readPush(event.data?.text());
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { navigate } = (event.notification.data ?? {}) as { navigate?: string };
  event.waitUntil(open(sameOriginPath(navigate, self.location.origin)));
});

async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const here = windows.find((window) => new URL(window.url).origin === self.location.origin);
  if (!here) {
    await self.clients.openWindow(path);
    return;
  }
  await here.focus();
  // The page moves itself, so that nothing in it is reloaded.
  here.postMessage({ type: 'NAVIGATE', path });
}
