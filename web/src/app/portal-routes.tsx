import { createRoute, Outlet } from '@tanstack/react-router';
import { Portal } from './portal';
import { signedInRoute } from './base-routes';

const portal = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'portal',
  component: () => (
    <Portal>
      <Outlet />
    </Portal>
  ),
});

const home = createRoute({ getParentRoute: () => portal, path: '/', component: () => null });

export const portalRoutes = portal.addChildren([home]);
