import { createRouter } from '@tanstack/react-router';
import { authRoutes } from './auth-routes';
import { rootRoute, signedInRoute } from './base-routes';
import { CrashPage, MissingPage, PendingPage } from './fallbacks';
import { portalRoutes } from './portal-routes';
import { staffRoutes } from './staff-routes';

const routeTree = rootRoute.addChildren([...authRoutes, signedInRoute.addChildren([portalRoutes, staffRoutes])]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PendingPage,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: MissingPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
