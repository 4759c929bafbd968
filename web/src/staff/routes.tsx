import { createRoute, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { signedInRoute } from '@/app/base-routes';
import { StaffConsole } from './console';

const staff = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/staff',
  component: () => (
    <StaffConsole>
      <Outlet />
    </StaffConsole>
  ),
});

const settings = createRoute({
  getParentRoute: () => staff,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings-page'), 'StaffSettingsPage'),
});

export const staffRoutes = staff.addChildren([settings]);
