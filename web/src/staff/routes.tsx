import { createRoute, Outlet } from '@tanstack/react-router';
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

export const staffRoutes = staff.addChildren([]);
