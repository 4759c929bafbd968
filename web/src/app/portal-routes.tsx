import { createRoute, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { readBillSearch } from '@/features/bills/list/bill-search';
import { readPaymentSearch } from '@/features/payments/list/payment-search';
import { readPaySearch } from '@/features/payments/pay/pay-search';
import { signedInRoute } from './base-routes';
import { Portal } from './portal';

const portal = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'portal',
  component: () => (
    <Portal>
      <Outlet />
    </Portal>
  ),
});

const home = createRoute({
  getParentRoute: () => portal,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/home/home-page'), 'HomePage'),
});

const bills = createRoute({
  getParentRoute: () => portal,
  path: '/bills',
  validateSearch: readBillSearch,
  component: lazyRouteComponent(() => import('@/features/bills/list/bills-page'), 'BillsPage'),
});

const bill = createRoute({
  getParentRoute: () => portal,
  path: '/bills/$billId',
  component: lazyRouteComponent(() => import('@/features/bills/detail/bill-page'), 'BillPage'),
});

const accounts = createRoute({
  getParentRoute: () => portal,
  path: '/accounts',
  component: lazyRouteComponent(() => import('@/features/accounts/accounts-page'), 'AccountsPage'),
});

const addAccount = createRoute({
  getParentRoute: () => portal,
  path: '/accounts/new',
  validateSearch: (search: Record<string, unknown>): { home?: string } =>
    typeof search.home === 'string' ? { home: search.home } : {},
  component: lazyRouteComponent(() => import('@/features/accounts/add/add-account-page'), 'AddAccountPage'),
});

const account = createRoute({
  getParentRoute: () => portal,
  path: '/accounts/$accountId',
  component: lazyRouteComponent(() => import('@/features/accounts/detail/account-page'), 'AccountPage'),
});

const property = createRoute({
  getParentRoute: () => portal,
  path: '/homes/$homeId',
  component: lazyRouteComponent(() => import('@/features/homes/home-detail-page'), 'HomeDetailPage'),
});

const invitations = createRoute({
  getParentRoute: () => portal,
  path: '/invitations',
  component: lazyRouteComponent(() => import('@/features/homes/invitations-page'), 'InvitationsPage'),
});

const inbox = createRoute({
  getParentRoute: () => portal,
  path: '/inbox',
  component: lazyRouteComponent(() => import('@/features/inbox/inbox-page'), 'InboxPage'),
});

const settings = createRoute({
  getParentRoute: () => portal,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});

const notificationSettings = createRoute({
  getParentRoute: () => portal,
  path: '/settings/notifications',
  component: lazyRouteComponent(
    () => import('@/features/settings/notification-settings-page'),
    'NotificationSettingsPage',
  ),
});

const pay = createRoute({
  getParentRoute: () => portal,
  path: '/pay',
  validateSearch: readPaySearch,
  component: lazyRouteComponent(() => import('@/features/payments/pay/pay-page'), 'PayPage'),
});

const payments = createRoute({
  getParentRoute: () => portal,
  path: '/payments',
  validateSearch: readPaymentSearch,
  component: lazyRouteComponent(() => import('@/features/payments/list/payments-page'), 'PaymentsPage'),
});

const paymentReturn = createRoute({
  getParentRoute: () => portal,
  path: '/payments/return',
  component: lazyRouteComponent(() => import('@/features/payments/return/return-page'), 'ReturnPage'),
});

const payment = createRoute({
  getParentRoute: () => portal,
  path: '/payments/$paymentId',
  component: lazyRouteComponent(() => import('@/features/payments/detail/payment-page'), 'PaymentPage'),
});

const wallet = createRoute({
  getParentRoute: () => portal,
  path: '/wallet',
  validateSearch: (search: Record<string, unknown>): { currency?: string } =>
    typeof search.currency === 'string' && /^[A-Z]{3}$/.test(search.currency) ? { currency: search.currency } : {},
  component: lazyRouteComponent(() => import('@/features/wallet/wallet-page'), 'WalletPage'),
});

const methods = createRoute({
  getParentRoute: () => portal,
  path: '/settings/payments',
  validateSearch: (search: Record<string, unknown>): { returned?: boolean } =>
    search.returned ? { returned: true } : {},
  component: lazyRouteComponent(() => import('@/features/methods/methods-page'), 'MethodsPage'),
});

export const portalRoutes = portal.addChildren([
  home,
  bills,
  bill,
  accounts,
  addAccount,
  account,
  property,
  invitations,
  inbox,
  settings,
  notificationSettings,
  pay,
  payments,
  paymentReturn,
  payment,
  wallet,
  methods,
]);
