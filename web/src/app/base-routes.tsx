import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { isStaff, loadViewer } from '@/entities/viewer/session';
import { CrashPage, MissingPage } from './fallbacks';
import { Providers } from './providers';

export const rootRoute = createRootRoute({
  component: () => (
    <Providers>
      <Outlet />
    </Providers>
  ),
  notFoundComponent: MissingPage,
  errorComponent: CrashPage,
});

/** Operators and administrators see the same things elsewhere: links in messages know only the customers' paths. */
const staffPath = (pathname: string): string => (pathname === '/' ? '/staff' : `/staff${pathname}`);

/** Everything behind a sign-in. Those who are not signed in come back to where they wanted to go. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    const viewer = await loadViewer();
    if (!viewer) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    if (viewer.mustSetUpSecondFactor) throw redirect({ to: '/set-up-second-factor', search: { next: location.href } });
    const inStaff = location.pathname === '/staff' || location.pathname.startsWith('/staff/');
    if (isStaff(viewer) && !inStaff) throw redirect({ href: staffPath(location.pathname) });
    if (!isStaff(viewer) && inStaff) throw redirect({ to: '/' });
    return { viewer };
  },
  component: Outlet,
});
