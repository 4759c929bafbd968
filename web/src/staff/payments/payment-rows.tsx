import { Stack, Text } from '@mantine/core';
import { usePaymentTitle } from '@/entities/payment/payment-card';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { isPositive } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { type Column, opensRow } from '../ui/rows';
import { PaymentState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';

export const PaymentRowFragment = graphql(`
  fragment StaffPaymentRow on Payment {
    id
    kind
    status
    statusReason
    createdAt
    amount { amountMinor currency }
    refunded { amountMinor currency }
    customer { id name }
    method { id title }
    allocations { id utilityType provider { id name } bill { id } }
  }
`);

type Full = ResultOf<typeof PaymentRowFragment>;

/** What a row shows; long lists ask for less. */
export type Payment = Pick<
  Full,
  'id' | 'kind' | 'status' | 'statusReason' | 'createdAt' | 'amount' | 'customer' | 'method'
> &
  Partial<Pick<Full, 'refunded' | 'allocations'>>;

interface Options {
  readonly withCustomer: boolean;
  /** How long it has been waiting, instead of when it was made. */
  readonly age?: boolean;
}

export function usePaymentColumns({ withCustomer, age = false }: Options): Column<Payment>[] {
  const t = useWords();
  const format = useFormat();
  const title = usePaymentTitle();
  return [
    {
      key: 'payment',
      label: t('payments.payment'),
      cell: (payment) => (
        <Stack gap={0} style={{ minWidth: 0 }}>
          <AnchorLink to="/staff/payments/$paymentId" params={{ paymentId: payment.id }} className={opensRow}>
            {title({ kind: payment.kind, allocations: payment.allocations ?? [] })}
          </AnchorLink>
          <Text size="xs" c="dimmed">
            {payment.method?.title ?? t('payments.noMethod')}
          </Text>
        </Stack>
      ),
    },
    ...(withCustomer
      ? [
          {
            key: 'customer',
            label: t('accounts.customer'),
            cell: ({ customer }: Payment) => (
              <AnchorLink to="/staff/customers/$customerId" params={{ customerId: customer.id }} size="sm">
                {customer.name}
              </AnchorLink>
            ),
          },
        ]
      : []),
    {
      key: 'status',
      label: t('payments.status'),
      cell: ({ status, statusReason }) => (
        <Stack gap={2} align="flex-start">
          <PaymentState status={status} />
          {statusReason ? (
            <Text size="xs" c="dimmed">
              {statusReason}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    age
      ? { key: 'age', label: t('payments.waitingSince'), cell: ({ createdAt }) => <When at={createdAt} /> }
      : { key: 'made', label: t('payments.made'), cell: ({ createdAt }) => format.instant(createdAt) },
    {
      key: 'amount',
      label: t('bills.amount'),
      right: true,
      cell: ({ amount, refunded }) => (
        <Stack gap={0} align="flex-end">
          <Amount money={amount} size="sm" fw={600} />
          {refunded && isPositive(refunded) ? (
            <Text size="xs" c="dimmed">
              {t('payments.refundedAmount', { amount: format.money(refunded) })}
            </Text>
          ) : null}
        </Stack>
      ),
    },
  ];
}
