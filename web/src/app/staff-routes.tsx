import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedInRoute } from './base-routes';
import { texts } from './search';

const staff = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/staff',
  component: lazyRouteComponent(() => import('@/staff/console'), 'StaffConsole'),
});

const dashboard = createRoute({
  getParentRoute: () => staff,
  path: '/',
  component: lazyRouteComponent(() => import('@/staff/dashboard/dashboard-page'), 'DashboardPage'),
});

const customers = createRoute({
  getParentRoute: () => staff,
  path: '/customers',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('@/staff/customers/customers-page'), 'CustomersPage'),
});

const onboard = createRoute({
  getParentRoute: () => staff,
  path: '/customers/new',
  component: lazyRouteComponent(() => import('@/staff/customers/onboard-page'), 'OnboardPage'),
});

const customer = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$customerId',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('@/staff/customers/customer-page'), 'CustomerPage'),
});

const addAccount = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$customerId/accounts/new',
  validateSearch: texts('home'),
  component: lazyRouteComponent(() => import('@/staff/customers/add-account-page'), 'AddAccountPage'),
});

const accounts = createRoute({
  getParentRoute: () => staff,
  path: '/accounts',
  validateSearch: texts('status', 'provider'),
  component: lazyRouteComponent(() => import('@/staff/accounts/accounts-page'), 'AccountsPage'),
});

const account = createRoute({
  getParentRoute: () => staff,
  path: '/accounts/$accountId',
  component: lazyRouteComponent(() => import('@/staff/accounts/account-page'), 'AccountPage'),
});

const home = createRoute({
  getParentRoute: () => staff,
  path: '/homes/$homeId',
  component: lazyRouteComponent(() => import('@/staff/customers/home-page'), 'HomePage'),
});

const bill = createRoute({
  getParentRoute: () => staff,
  path: '/bills/$billId',
  component: lazyRouteComponent(() => import('@/staff/bills/bill-page'), 'BillPage'),
});

const imports = createRoute({
  getParentRoute: () => staff,
  path: '/imports',
  component: lazyRouteComponent(() => import('@/staff/imports/imports-page'), 'ImportsPage'),
});

const newImport = createRoute({
  getParentRoute: () => staff,
  path: '/imports/new',
  component: lazyRouteComponent(() => import('@/staff/imports/new-import-page'), 'NewImportPage'),
});

const importRun = createRoute({
  getParentRoute: () => staff,
  path: '/imports/$importId',
  validateSearch: texts('status'),
  component: lazyRouteComponent(() => import('@/staff/imports/import-page'), 'ImportPage'),
});

const providers = createRoute({
  getParentRoute: () => staff,
  path: '/providers',
  validateSearch: texts('q', 'status'),
  component: lazyRouteComponent(() => import('@/staff/providers/providers-page'), 'ProvidersPage'),
});

const newProvider = createRoute({
  getParentRoute: () => staff,
  path: '/providers/new',
  component: lazyRouteComponent(() => import('@/staff/providers/new-provider-page'), 'NewProviderPage'),
});

const provider = createRoute({
  getParentRoute: () => staff,
  path: '/providers/$providerId',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('@/staff/providers/provider-page'), 'ProviderPage'),
});

const payments = createRoute({
  getParentRoute: () => staff,
  path: '/payments',
  validateSearch: texts('tab', 'status', 'provider', 'from', 'to'),
  component: lazyRouteComponent(() => import('@/staff/payments/payments-page'), 'PaymentsPage'),
});

const payment = createRoute({
  getParentRoute: () => staff,
  path: '/payments/$paymentId',
  component: lazyRouteComponent(() => import('@/staff/payments/payment-page'), 'PaymentPage'),
});

const gateways = createRoute({
  getParentRoute: () => staff,
  path: '/gateways',
  component: lazyRouteComponent(() => import('@/staff/gateways/gateways-page'), 'GatewaysPage'),
});

const newGateway = createRoute({
  getParentRoute: () => staff,
  path: '/gateways/new',
  component: lazyRouteComponent(() => import('@/staff/gateways/new-gateway-page'), 'NewGatewayPage'),
});

const gateway = createRoute({
  getParentRoute: () => staff,
  path: '/gateways/$gatewayId',
  component: lazyRouteComponent(() => import('@/staff/gateways/gateway-page'), 'GatewayPage'),
});

const runs = createRoute({
  getParentRoute: () => staff,
  path: '/runs',
  validateSearch: texts('provider'),
  component: lazyRouteComponent(() => import('@/staff/runs/runs-page'), 'RunsPage'),
});

const run = createRoute({
  getParentRoute: () => staff,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('@/staff/runs/run-page'), 'RunPage'),
});

const events = createRoute({
  getParentRoute: () => staff,
  path: '/events',
  validateSearch: texts('type', 'kind', 'subject'),
  component: lazyRouteComponent(() => import('@/staff/events/events-page'), 'EventsPage'),
});

const deadLetters = createRoute({
  getParentRoute: () => staff,
  path: '/dead-letters',
  validateSearch: texts('show'),
  component: lazyRouteComponent(() => import('@/staff/events/dead-letters-page'), 'DeadLettersPage'),
});

const inbox = createRoute({
  getParentRoute: () => staff,
  path: '/inbox',
  component: lazyRouteComponent(() => import('@/features/inbox/inbox-page'), 'InboxPage'),
});

const audit = createRoute({
  getParentRoute: () => staff,
  path: '/audit',
  validateSearch: texts('subject'),
  component: lazyRouteComponent(() => import('@/staff/audit/audit-page'), 'AuditPage'),
});

const clients = createRoute({
  getParentRoute: () => staff,
  path: '/clients',
  component: lazyRouteComponent(() => import('@/staff/clients/clients-page'), 'ClientsPage'),
});

const people = createRoute({
  getParentRoute: () => staff,
  path: '/people',
  component: lazyRouteComponent(() => import('@/staff/people/people-page'), 'PeoplePage'),
});

const settings = createRoute({
  getParentRoute: () => staff,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/staff/settings/settings-page'), 'SettingsPage'),
});

const more = createRoute({
  getParentRoute: () => staff,
  path: '/more',
  component: lazyRouteComponent(() => import('@/staff/more-page'), 'MorePage'),
});

export const staffRoutes = staff.addChildren([
  dashboard,
  customers,
  onboard,
  customer,
  addAccount,
  accounts,
  account,
  home,
  bill,
  imports,
  newImport,
  importRun,
  providers,
  newProvider,
  provider,
  payments,
  payment,
  gateways,
  newGateway,
  gateway,
  runs,
  run,
  events,
  deadLetters,
  inbox,
  audit,
  clients,
  people,
  settings,
  more,
]);
