import { type Cache, cacheExchange, offlineExchange, type Resolver } from '@urql/exchange-graphcache';
import { makeDefaultStorage } from '@urql/exchange-graphcache/default-storage';
import type { OperationResult } from 'urql';
import { type ListedBill, type ListFilter, matchesFilter, placeOf } from './bill-lists';
import schema from './generated/introspection.json';
import { graphql } from './graphql';
import { pages } from './pages';
import { type ListedPayment, matchesPaymentFilter, type PaymentListFilter, placeOfPayment } from './payment-lists';

const UnreadCount = graphql(`query UnreadCount { viewer { unreadNotifications } }`);

/** Only objects with an id are entities; everything else lives inside its parent. */
function embeddedTypes(): Record<string, () => null> {
  const keys: Record<string, () => null> = {};
  for (const type of schema.__schema.types) {
    if (type.kind !== 'OBJECT' || !('fields' in type)) continue;
    const fields = type.fields as readonly { name: string }[];
    if (!fields.some((field) => field.name === 'id')) keys[type.name] = () => null;
  }
  return keys;
}

const one =
  (typename: string): Resolver =>
  (_parent, { id }) => ({ __typename: typename, id: id as string });

/**
 * Payments by page, as the other lists; with where the log stood when the first of them was read, from which the changes
 * since are asked for. Those changes are a list of their own and join no other.
 */
const paymentsPage: Resolver = (parent, args, cache, info) => {
  const own = cache.resolve(info.parentKey, info.fieldName, args);
  if (args.since != null) return own;
  const joined = pages(parent, args, cache, info);
  if (typeof joined !== 'object' || joined === null || typeof own !== 'string') return joined;
  return { ...joined, cursor: str(cache.resolve(own, 'cursor')) ?? '' };
};

const str = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The id inside an entity's key (`Provider:prov_01h…`). */
const idOf = (cache: Cache, entity: string, field: string): string | undefined => {
  const key = str(cache.resolve(entity, field));
  return key === undefined ? undefined : str(cache.resolve(key, 'id'));
};

/** The minor units of an amount of an entity. */
function minorOf(cache: Cache, entity: string, field: string): bigint {
  const money = str(cache.resolve(entity, field));
  return BigInt((money && str(cache.resolve(money, 'amountMinor'))) || '0');
}

function listedBill(cache: Cache, key: string): ListedBill {
  return {
    id: str(cache.resolve(key, 'id')) ?? key,
    status: str(cache.resolve(key, 'status')) ?? 'OPEN',
    issuedOn: str(cache.resolve(key, 'issuedOn')) ?? '',
    dueOn: str(cache.resolve(key, 'dueOn')) ?? null,
    overdue: cache.resolve(key, 'overdue') === true,
    remaining: minorOf(cache, key, 'remaining'),
    beingPaid: minorOf(cache, key, 'beingPaid'),
    utilityType: str(cache.resolve(key, 'utilityType')) ?? '',
    providerId: idOf(cache, key, 'provider'),
    propertyId: idOf(cache, key, 'property'),
    utilityAccountId: idOf(cache, key, 'utilityAccount'),
    customerId: idOf(cache, key, 'customer'),
  };
}

const nodesOf = (cache: Cache, connection: string): string[] => {
  const nodes = cache.resolve(connection, 'nodes');
  return Array.isArray(nodes) ? nodes.filter((node): node is string => typeof node === 'string') : [];
};

/** Puts a bill into, or takes it out of, every list of bills the cache knows, as the list's own filter says. */
function placeBill(cache: Cache, id: string, insert: boolean): void {
  const key = cache.keyOfEntity({ __typename: 'Bill', id });
  if (key === null) return;
  const bill = listedBill(cache, key);
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName !== 'bills') continue;
    const connection = str(cache.resolve('Query', fieldKey));
    if (connection === undefined) continue;
    const nodes = nodesOf(cache, connection);
    const listed = nodes.includes(key);
    const belongs = matchesFilter(bill, args?.filter as ListFilter | undefined);
    if (listed && !belongs) {
      cache.link(
        connection,
        'nodes',
        nodes.filter((node) => node !== key),
      );
    } else if (!listed && belongs && insert && args?.after == null) {
      const order = args?.orderBy as string | undefined;
      const at = placeOf(
        bill,
        nodes.map((node) => listedBill(cache, node)),
        order,
      );
      cache.link(connection, 'nodes', [...nodes.slice(0, at), key, ...nodes.slice(at)]);
    }
  }
}

const listOf = (cache: Cache, entity: string, field: string): string[] => {
  const value = cache.resolve(entity, field);
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
};

function listedPayment(cache: Cache, key: string): ListedPayment {
  return {
    id: str(cache.resolve(key, 'id')) ?? key,
    kind: str(cache.resolve(key, 'kind')) ?? '',
    status: str(cache.resolve(key, 'status')) ?? '',
    createdAt: str(cache.resolve(key, 'createdAt')) ?? '',
    customerId: idOf(cache, key, 'customer'),
    allocations: listOf(cache, key, 'allocations').map((allocation) => {
      const bill = str(cache.resolve(allocation, 'bill'));
      return {
        utilityType: str(cache.resolve(allocation, 'utilityType')),
        providerId: idOf(cache, allocation, 'provider'),
        billId: idOf(cache, allocation, 'bill'),
        propertyId: bill === undefined ? undefined : idOf(cache, bill, 'property'),
      };
    }),
  };
}

/** Puts a payment into, or takes it out of, every list of payments the cache knows. */
function placePayment(cache: Cache, id: string): void {
  const key = cache.keyOfEntity({ __typename: 'Payment', id });
  if (key === null) return;
  const payment = listedPayment(cache, key);
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName !== 'payments' || args?.since != null) continue;
    const connection = str(cache.resolve('Query', fieldKey));
    if (connection === undefined) continue;
    const nodes = nodesOf(cache, connection);
    const listed = nodes.includes(key);
    const belongs = matchesPaymentFilter(payment, args?.filter as PaymentListFilter | undefined);
    if (listed && !belongs) {
      cache.link(
        connection,
        'nodes',
        nodes.filter((node) => node !== key),
      );
    } else if (!listed && belongs && args?.after == null) {
      const at = placeOfPayment(
        payment,
        nodes.map((node) => ({ createdAt: str(cache.resolve(node, 'createdAt')) ?? '' })),
      );
      cache.link(connection, 'nodes', [...nodes.slice(0, at), key, ...nodes.slice(at)]);
    }
  }
}

/** A payment that starts or ends moves its bills between what is to be paid and what is being paid, too. */
function placePaymentWithBills(cache: Cache, id: string): void {
  placePayment(cache, id);
  const key = cache.keyOfEntity({ __typename: 'Payment', id });
  for (const allocation of key === null ? [] : listOf(cache, key, 'allocations')) {
    const bill = idOf(cache, allocation, 'bill');
    if (bill !== undefined) placeBill(cache, bill, true);
  }
}

/** Puts a payment method into the list of one's own, or takes a removed one out of it. */
function placeMethod(cache: Cache, id: string, removed: boolean): void {
  const key = cache.keyOfEntity({ __typename: 'PaymentMethod', id });
  if (key === null) return;
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName !== 'paymentMethods' || args?.customerId != null) continue;
    const methods = listOf(cache, 'Query', fieldKey);
    if (removed) {
      cache.link(
        'Query',
        fieldKey,
        methods.filter((method) => method !== key),
      );
    } else if (!methods.includes(key)) cache.link('Query', fieldKey, [...methods, key]);
  }
}

function placeNotification(cache: Cache, id: string): void {
  const key = cache.keyOfEntity({ __typename: 'Notification', id });
  if (key === null) return;
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName !== 'notifications' || args?.after != null) continue;
    const connection = str(cache.resolve('Query', fieldKey));
    if (connection === undefined) continue;
    const nodes = nodesOf(cache, connection);
    if (!nodes.includes(key)) cache.link(connection, 'nodes', [key, ...nodes]);
  }
}

function markRead(cache: Cache, ids: readonly string[] | null | undefined, unread: number): void {
  const readAt = new Date().toISOString();
  const Read = graphql(`fragment Read on Notification { id readAt }`);
  const mark = (id: string) => cache.writeFragment(Read, { id, readAt });
  if (ids) {
    for (const id of ids) mark(id);
  } else {
    for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
      if (fieldName !== 'notifications') continue;
      const connection = str(cache.resolve('Query', fieldKey));
      if (connection === undefined) continue;
      for (const node of nodesOf(cache, connection)) {
        const id = str(cache.resolve(node, 'id'));
        if (id !== undefined && cache.resolve(node, 'readAt') === null) mark(id);
      }
    }
  }
  cache.updateQuery({ query: UnreadCount }, (data) =>
    data?.viewer ? { ...data, viewer: { ...data.viewer, unreadNotifications: unread } } : data,
  );
}

interface NodeEvent {
  readonly resync?: boolean;
  readonly bill?: { readonly id: string } | null;
  readonly notification?: { readonly id: string } | null;
  readonly payment?: { readonly id: string } | null;
  readonly paymentMethod?: { readonly id: string; readonly status?: string } | null;
}

interface MadePayload {
  readonly payment?: { readonly id: string } | null;
}

/** A payment that was just made is in the lists before any event tells of it. */
const placesPayment = (field: string) => (result: Record<string, unknown>, _args: unknown, cache: Cache) => {
  const payload = result[field] as MadePayload | null;
  if (payload?.payment) placePaymentWithBills(cache, payload.payment.id);
};

/** Bills that were marked, or opened again, are in the lists at once. */
const placesBills = (field: string) => (result: Record<string, unknown>, _args: unknown, cache: Cache) => {
  const payload = result[field] as { readonly bills?: readonly { readonly id: string }[] } | null;
  for (const { id } of payload?.bills ?? []) placeBill(cache, id, true);
};

const options = {
  schema,
  keys: embeddedTypes(),
  resolvers: {
    Query: {
      bills: pages,
      notifications: pages,
      utilityAccounts: pages,
      providers: pages,
      customers: pages,
      fetchRuns: pages,
      importRuns: pages,
      deadLetters: pages,
      auditEntries: pages,
      events: pages,
      payments: paymentsPage,
      remittances: pages,
      reconciliations: pages,
      bill: one('Bill'),
      utilityAccount: one('UtilityAccount'),
      property: one('Property'),
      provider: one('Provider'),
      customer: one('Customer'),
      fetchRun: one('FetchRun'),
      importRun: one('ImportRun'),
      payment: one('Payment'),
      gateway: one('Gateway'),
    },
    UtilityAccount: { bills: pages, fetchAttempts: pages, recharges: pages },
    FetchRun: { attempts: pages },
    ImportRun: { rows: pages },
    Wallet: { entries: pages },
  },
  updates: {
    Query: {
      payments(result: Record<string, unknown>, args: Record<string, unknown>, cache: Cache) {
        if (args.since == null) return;
        const changed = result.payments as { nodes?: readonly { id: string }[] } | null;
        for (const { id } of changed?.nodes ?? []) placePayment(cache, id);
      },
    },
    Mutation: {
      payBills: placesPayment('payBills'),
      recharge: placesPayment('recharge'),
      topUpWallet: placesPayment('topUpWallet'),
      markBillsPaidElsewhere: placesBills('markBillsPaidElsewhere'),
      undoPaidElsewhere: placesBills('undoPaidElsewhere'),
      retryPayment: placesPayment('retryPayment'),
      cancelPayment: placesPayment('cancelPayment'),
      startPaymentMethodSetup(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const payload = result.startPaymentMethodSetup as NodeEvent | null;
        if (payload?.paymentMethod) placeMethod(cache, payload.paymentMethod.id, false);
      },
      removePaymentMethod(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const payload = result.removePaymentMethod as NodeEvent | null;
        if (payload?.paymentMethod) placeMethod(cache, payload.paymentMethod.id, true);
      },
      markNotificationsRead(result: Record<string, unknown>, args: Record<string, unknown>, cache: Cache) {
        const payload = result.markNotificationsRead as { unreadNotifications?: number } | null;
        const input = args.input as { ids?: string[] | null } | undefined;
        if (typeof payload?.unreadNotifications === 'number') markRead(cache, input?.ids, payload.unreadNotifications);
      },
    },
    Subscription: {
      billReceived(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const event = result.billReceived as NodeEvent | null;
        if (event?.bill) placeBill(cache, event.bill.id, true);
      },
      billUpdated(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const event = result.billUpdated as NodeEvent | null;
        if (event?.bill) placeBill(cache, event.bill.id, false);
      },
      notificationReceived(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const event = result.notificationReceived as NodeEvent | null;
        if (event?.notification) placeNotification(cache, event.notification.id);
      },
      paymentUpdated(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const event = result.paymentUpdated as NodeEvent | null;
        if (event?.payment) placePaymentWithBills(cache, event.payment.id);
      },
      paymentMethodUpdated(result: Record<string, unknown>, _args: unknown, cache: Cache) {
        const method = (result.paymentMethodUpdated as NodeEvent | null)?.paymentMethod;
        if (method) placeMethod(cache, method.id, method.status === 'REMOVED');
      },
    },
  },
};

const { Mutation, Subscription } = options.updates;

/** Whether the cache changes lists of its own accord because of a result, beside what the result itself says. */
export function places({ data }: OperationResult): boolean {
  return Object.entries(data ?? {}).some(
    ([field, told]) => told !== null && (field in Subscription || field in Mutation),
  );
}

let noteHydrated: () => void = () => undefined;
const PATIENCE_MS = 1_000;

/**
 * Settles when what was stored on this device can be read. A question that fails before that, for want of a network,
 * would be answered with nothing although the answer is there.
 */
export const hydrated: Promise<void> = Promise.race([
  new Promise<void>((resolve) => {
    noteHydrated = resolve;
  }),
  new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS)),
]);

/**
 * What is stored belongs to one version of the app: another version's operations select other fields, and a stored list
 * that lacks one of them could not be read.
 */
const STORE = `billow-${import.meta.env.VITE_STORE_VERSION ?? 'dev'}`;

const storage =
  typeof indexedDB === 'undefined'
    ? undefined
    : makeDefaultStorage({ idbName: STORE, maxAge: 7, onCacheHydrated: () => noteHydrated() });

/** Removes what other versions of the app stored on this device. */
export async function forgetOtherVersions(): Promise<void> {
  if (typeof indexedDB === 'undefined' || !indexedDB.databases) return;
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith('billow') && name !== STORE) indexedDB.deleteDatabase(name);
  }
}

/** The normalised cache; kept in IndexedDB so that bills can be read without a network, stamped with their age. */
export const graphcache = () => (storage ? offlineExchange({ ...options, storage }) : cacheExchange(options));

/** Removes what is stored on this device. Money matters of one person must not greet the next. */
export async function forgetStored(): Promise<void> {
  await storage?.clear?.();
}
