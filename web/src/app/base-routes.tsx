import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { CrashPage, MissingPage } from './fallbacks';
import { Providers } from './providers';
import { isStaff, loadViewer } from './session';

export const rootRoute = createRootRoute({
  component: () => (
    <Providers>
      <Outlet />
    </Providers>
  ),
  notFoundComponent: MissingPage,
  errorComponent: CrashPage,
});

/** Everything behind a sign-in. Those who are not signed in come back to where they wanted to go. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    const viewer = await loadViewer();
    if (!viewer) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    if (isStaff(viewer) && location.pathname === '/') throw redirect({ href: '/staff' });
    if (!isStaff(viewer) && location.pathname.startsWith('/staff')) throw redirect({ to: '/' });
    return { viewer };
  },
  component: Outlet,
});
