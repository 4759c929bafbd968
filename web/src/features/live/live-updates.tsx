import { notifications } from '@mantine/notifications';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSubscription } from 'urql';
import { AccountCardFragment } from '@/entities/account/account-card';
import { BillCardFragment } from '@/entities/bill/bill-card';
import { noteNewBill } from '@/entities/bill/new-bills';
import { MethodFragment } from '@/entities/method/method-fragment';
import { PaidBillsFragment } from '@/entities/payment/paid-bills';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { ViewerQuery } from '@/entities/viewer/session';
import { NotificationRowFragment } from '@/features/inbox/notification-row';
import { refetchActive, resync } from '@/shared/graphql/client';
import { takeBeginning } from '@/shared/graphql/cursors';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { accountQueries, billQueries, paymentQueries, walletQueries } from '@/shared/graphql/live-sets';
import type { Queries } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';

const BillReceived = graphql(
  `
    subscription BillReceived($after: String) {
      billReceived(after: $after) { cursor resync bill { ...BillCard } }
    }
  `,
  [BillCardFragment],
);

const BillUpdated = graphql(
  `
    subscription BillUpdated($after: String) {
      billUpdated(after: $after) { cursor resync bill { ...BillCard version statusReason updatedAt } }
    }
  `,
  [BillCardFragment],
);

const NotificationReceived = graphql(
  `
    subscription NotificationReceived($after: String) {
      notificationReceived(after: $after) { cursor resync notification { ...NotificationRow } }
    }
  `,
  [NotificationRowFragment],
);

const UtilityAccountUpdated = graphql(
  `
    subscription UtilityAccountUpdated($after: String) {
      utilityAccountUpdated(after: $after) { cursor resync utilityAccount { ...AccountCard } }
    }
  `,
  [AccountCardFragment],
);

const PaymentUpdated = graphql(
  `
    subscription PaymentUpdated($after: String) {
      paymentUpdated(after: $after) { cursor resync payment { ...PaymentCard ...PaidBills statusReason declineKind actionUrl } }
    }
  `,
  [PaymentCardFragment, PaidBillsFragment],
);

const WalletUpdated = graphql(`
  subscription WalletUpdated($after: String) {
    walletUpdated(after: $after) { cursor resync wallet { currency } }
  }
`);

const PaymentMethodUpdated = graphql(
  `
    subscription PaymentMethodUpdated($after: String) {
      paymentMethodUpdated(after: $after) { cursor resync paymentMethod { ...Method } }
    }
  `,
  [MethodFragment],
);

const GATHER_MS = 250;
/** How long a message about new bills stays; those that are found meanwhile are counted in it. */
const SHOWN_MS = 8000;

type ArrivedBill = ResultOf<typeof BillCardFragment>;

/**
 * Listens for as long as a person is signed in. The cache puts what arrives into the lists; this announces it, and has
 * the sums asked for again, once for a burst.
 */
export function LiveUpdates() {
  const { t } = useTranslation();
  const format = useFormat();
  const router = useRouter();
  const [variables] = useState(() => ({ after: takeBeginning() }));
  const [announcement, setAnnouncement] = useState('');
  const gathered = useRef<{ queries: Set<Queries[number]>; timer: ReturnType<typeof setTimeout> | undefined }>({
    queries: new Set(),
    timer: undefined,
  });

  const arrived = useRef<{ bills: ArrivedBill[]; timer: ReturnType<typeof setTimeout> | undefined }>({
    bills: [],
    timer: undefined,
  });

  const shown = useRef<{ id: string; count: number; timer: ReturnType<typeof setTimeout> | undefined }>({
    id: '',
    count: 0,
    timer: undefined,
  });

  useEffect(() => {
    const pending = [gathered.current, arrived.current, shown.current];
    return () => {
      for (const { timer } of pending) clearTimeout(timer);
    };
  }, []);

  const refresh = (queries: Queries[number]) => {
    const pending = gathered.current;
    pending.queries.add(queries);
    pending.timer ??= setTimeout(() => {
      pending.timer = undefined;
      refetchActive([...pending.queries]);
      pending.queries.clear();
    }, GATHER_MS);
  };

  /** One bill is announced by itself, many that come at once by their number. */
  const announceArrived = (bills: readonly ArrivedBill[]) => {
    const bill = bills[0];
    if (!bill) return;
    const last = shown.current;
    // Two bills that come one after the other are announced one by one.
    const together = last.count > 0 && last.count + bills.length > 2;
    if (together) notifications.hide(last.id);
    const count = bills.length + (together ? last.count : 0);
    const single = count === 1 && bill.status === 'OPEN';
    clearTimeout(last.timer);
    const forget = () => {
      last.count = 0;
    };
    Object.assign(last, { id: `bill:${bill.id}`, count, timer: setTimeout(forget, SHOWN_MS) });
    const words = single
      ? t('bills.arrived', { provider: bill.provider.name, amount: format.money(bill.amount) })
      : t('bills.found', { count });
    setAnnouncement(words);
    notifications.show({
      id: `bill:${bill.id}`,
      ...(single ? { title: t('bills.arrivedTitle') } : {}),
      message: words,
      color: 'tide',
      autoClose: SHOWN_MS,
      onClick: () =>
        void (single
          ? router.navigate({ to: '/bills/$billId', params: { billId: bill.id } })
          : router.navigate({ to: '/bills' })),
    });
  };

  const gatherArrived = (bill: ArrivedBill) => {
    const pending = arrived.current;
    pending.bills.push(bill);
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => announceArrived(pending.bills.splice(0)), GATHER_MS);
  };

  useSubscription({ query: BillReceived, variables }, (_previous: unknown, data) => {
    if (data.billReceived.resync) resync();
    const bill = readFragment(BillCardFragment, data.billReceived.bill);
    if (!bill) return data;
    // Bills that are over are no news: they come with the first fetch of an account.
    if (bill.status === 'OPEN') noteNewBill(bill.id);
    gatherArrived(bill);
    refresh(billQueries);
    return data;
  });

  useSubscription({ query: BillUpdated, variables }, (_previous: unknown, data) => {
    if (data.billUpdated.resync) resync();
    if (data.billUpdated.bill) refresh(billQueries);
    return data;
  });

  useSubscription({ query: NotificationReceived, variables }, (_previous: unknown, data) => {
    if (data.notificationReceived.resync) resync();
    // The count of unread ones is the server's: an event replayed after a reconnection must not count twice.
    if (data.notificationReceived.notification) refresh(ViewerQuery);
    return data;
  });

  useSubscription({ query: UtilityAccountUpdated, variables }, (_previous: unknown, data) => {
    if (data.utilityAccountUpdated.resync) resync();
    if (data.utilityAccountUpdated.utilityAccount) refresh(accountQueries);
    return data;
  });

  useSubscription({ query: PaymentUpdated, variables }, (_previous: unknown, data) => {
    if (data.paymentUpdated.resync) resync();
    const payment = readFragment(PaymentCardFragment, data.paymentUpdated.payment);
    if (!payment) return data;
    setAnnouncement(
      t('payments.announced', {
        amount: format.money(payment.amount),
        status: t(`enums.paymentStatus.${payment.status}`),
      }),
    );
    refresh(paymentQueries);
    return data;
  });

  useSubscription({ query: WalletUpdated, variables }, (_previous: unknown, data) => {
    if (data.walletUpdated.resync) resync();
    if (data.walletUpdated.wallet) refresh(walletQueries);
    return data;
  });

  useSubscription({ query: PaymentMethodUpdated, variables }, (_previous: unknown, data) => {
    if (data.paymentMethodUpdated.resync) resync();
    return data;
  });

  return (
    <div className="bw-sr" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
