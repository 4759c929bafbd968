import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/charts/styles.css';
import './app/app.css';
import './shared/i18n';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app/router';
import { forgetOtherVersions } from './shared/graphql/cache';
import { startAfresh, whenUnauthenticated } from './shared/graphql/client';
import { sameOriginPath } from './shared/lib/push-message';

const isPublic = (path: string): boolean =>
  ['/sign-in', '/sign-up', '/claim'].includes(path) || path.startsWith('/pay/');

let leaving = false;

whenUnauthenticated(() => {
  const { pathname, href } = router.state.location;
  if (leaving || isPublic(pathname)) return;
  leaving = true;
  void startAfresh(`/sign-in?${new URLSearchParams({ next: href, ended: 'true' })}`);
});

void forgetOtherVersions().catch(() => undefined);

// A tapped notification asks the open window to move; see the service worker.
navigator.serviceWorker?.addEventListener('message', (event: MessageEvent<{ type?: string; path?: string } | null>) => {
  if (event.data?.type === 'NAVIGATE') router.history.push(sameOriginPath(event.data.path, location.origin));
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
