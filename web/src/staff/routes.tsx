import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedInRoute } from '@/app/base-routes';
import { texts } from './search';

const staff = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/staff',
  component: lazyRouteComponent(() => import('./console'), 'StaffConsole'),
});

const dashboard = createRoute({
  getParentRoute: () => staff,
  path: '/',
  component: lazyRouteComponent(() => import('./dashboard/dashboard-page'), 'DashboardPage'),
});

const customers = createRoute({
  getParentRoute: () => staff,
  path: '/customers',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./customers/customers-page'), 'CustomersPage'),
});

const onboard = createRoute({
  getParentRoute: () => staff,
  path: '/customers/new',
  component: lazyRouteComponent(() => import('./customers/onboard-page'), 'OnboardPage'),
});

const customer = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$customerId',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./customers/customer-page'), 'CustomerPage'),
});

const addAccount = createRoute({
  getParentRoute: () => staff,
  path: '/customers/$customerId/accounts/new',
  validateSearch: texts('home'),
  component: lazyRouteComponent(() => import('./customers/add-account-page'), 'AddAccountPage'),
});

const accounts = createRoute({
  getParentRoute: () => staff,
  path: '/accounts',
  validateSearch: texts('status', 'provider'),
  component: lazyRouteComponent(() => import('./accounts/accounts-page'), 'AccountsPage'),
});

const account = createRoute({
  getParentRoute: () => staff,
  path: '/accounts/$accountId',
  component: lazyRouteComponent(() => import('./accounts/account-page'), 'AccountPage'),
});

const home = createRoute({
  getParentRoute: () => staff,
  path: '/homes/$homeId',
  component: lazyRouteComponent(() => import('./customers/home-page'), 'HomePage'),
});

const bill = createRoute({
  getParentRoute: () => staff,
  path: '/bills/$billId',
  component: lazyRouteComponent(() => import('./bills/bill-page'), 'BillPage'),
});

const imports = createRoute({
  getParentRoute: () => staff,
  path: '/imports',
  component: lazyRouteComponent(() => import('./imports/imports-page'), 'ImportsPage'),
});

const newImport = createRoute({
  getParentRoute: () => staff,
  path: '/imports/new',
  component: lazyRouteComponent(() => import('./imports/new-import-page'), 'NewImportPage'),
});

const importRun = createRoute({
  getParentRoute: () => staff,
  path: '/imports/$importId',
  validateSearch: texts('status'),
  component: lazyRouteComponent(() => import('./imports/import-page'), 'ImportPage'),
});

const providers = createRoute({
  getParentRoute: () => staff,
  path: '/providers',
  validateSearch: texts('q', 'status'),
  component: lazyRouteComponent(() => import('./providers/providers-page'), 'ProvidersPage'),
});

const newProvider = createRoute({
  getParentRoute: () => staff,
  path: '/providers/new',
  component: lazyRouteComponent(() => import('./providers/new-provider-page'), 'NewProviderPage'),
});

const provider = createRoute({
  getParentRoute: () => staff,
  path: '/providers/$providerId',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./providers/provider-page'), 'ProviderPage'),
});

const payments = createRoute({
  getParentRoute: () => staff,
  path: '/payments',
  validateSearch: texts('tab', 'status', 'provider', 'from', 'to'),
  component: lazyRouteComponent(() => import('./payments/payments-page'), 'PaymentsPage'),
});

const payment = createRoute({
  getParentRoute: () => staff,
  path: '/payments/$paymentId',
  component: lazyRouteComponent(() => import('./payments/payment-page'), 'PaymentPage'),
});

const gateways = createRoute({
  getParentRoute: () => staff,
  path: '/gateways',
  component: lazyRouteComponent(() => import('./gateways/gateways-page'), 'GatewaysPage'),
});

const newGateway = createRoute({
  getParentRoute: () => staff,
  path: '/gateways/new',
  component: lazyRouteComponent(() => import('./gateways/new-gateway-page'), 'NewGatewayPage'),
});

const gateway = createRoute({
  getParentRoute: () => staff,
  path: '/gateways/$gatewayId',
  component: lazyRouteComponent(() => import('./gateways/gateway-page'), 'GatewayPage'),
});

const runs = createRoute({
  getParentRoute: () => staff,
  path: '/runs',
  validateSearch: texts('provider'),
  component: lazyRouteComponent(() => import('./runs/runs-page'), 'RunsPage'),
});

const run = createRoute({
  getParentRoute: () => staff,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./runs/run-page'), 'RunPage'),
});

const events = createRoute({
  getParentRoute: () => staff,
  path: '/events',
  validateSearch: texts('kind', 'subject'),
  component: lazyRouteComponent(() => import('./events/events-page'), 'EventsPage'),
});

const deadLetters = createRoute({
  getParentRoute: () => staff,
  path: '/dead-letters',
  validateSearch: texts('show'),
  component: lazyRouteComponent(() => import('./events/dead-letters-page'), 'DeadLettersPage'),
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
  component: lazyRouteComponent(() => import('./audit/audit-page'), 'AuditPage'),
});

const clients = createRoute({
  getParentRoute: () => staff,
  path: '/clients',
  component: lazyRouteComponent(() => import('./clients/clients-page'), 'ClientsPage'),
});

const people = createRoute({
  getParentRoute: () => staff,
  path: '/people',
  component: lazyRouteComponent(() => import('./people/people-page'), 'PeoplePage'),
});

const settings = createRoute({
  getParentRoute: () => staff,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/settings-page'), 'SettingsPage'),
});

const more = createRoute({
  getParentRoute: () => staff,
  path: '/more',
  component: lazyRouteComponent(() => import('./more-page'), 'MorePage'),
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
