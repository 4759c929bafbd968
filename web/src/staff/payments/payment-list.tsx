import { IconCreditCard } from '@tabler/icons-react';
import { type Enum, graphql, readFragment } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { PagedRows } from '../ui/paged-rows';
import { useWords } from '../words';
import { PaymentRowFragment, usePaymentColumns } from './payment-rows';

export const PaymentsQuery = graphql(
  `
    query StaffPayments($filter: PaymentFilter, $first: Int!, $after: String) {
      payments(filter: $filter, first: $first, after: $after) {
        nodes { id ...StaffPaymentRow }
        pageInfo { hasNextPage endCursor }
        cursor
      }
    }
  `,
  [PaymentRowFragment],
);

interface Props {
  readonly customerId?: string;
  readonly status?: Enum<'PaymentStatus'> | undefined;
  readonly providerId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Payments of a customer, or of everybody. */
export function PaymentList({ customerId, status, providerId, from, to }: Props) {
  const t = useWords();
  const columns = usePaymentColumns({ withCustomer: customerId === undefined });
  const list = usePagedQuery(
    PaymentsQuery,
    {
      filter: {
        customerId: customerId ?? null,
        status: status ?? null,
        providerId: providerId ?? null,
        from: from ?? null,
        to: to ?? null,
      },
      first: PAGE_SIZE,
    },
    (data) => data.payments.pageInfo,
  );
  const nodes = list.result.data?.payments.nodes;
  return (
    <PagedRows
      list={list}
      rows={nodes ? readFragment(PaymentRowFragment, nodes) : undefined}
      columns={columns}
      rowKey={({ id }) => id}
      label={t('payments.title')}
      empty={
        <EmptyState icon={<IconCreditCard size={32} />} title={t('payments.empty')}>
          {t('payments.emptyBody')}
        </EmptyState>
      }
    />
  );
}
