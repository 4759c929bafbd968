import { Group, Stack, Text } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { BillStatus } from '@/entities/bill/bill-status';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { UtilityIcon } from '@/shared/ui/utility';
import { PagedRows } from '../ui/paged-rows';
import { type Column, opensRow } from '../ui/rows';
import { useWords } from '../words';

const BillRowFragment = graphql(`
  fragment StaffBillRow on Bill {
    id
    number
    version
    status
    overdue
    daysUntilDue
    issuedOn
    dueOn
    utilityType
    amount { amountMinor currency }
    remaining { amountMinor currency }
    beingPaid { amountMinor currency }
    provider { id name }
    utilityAccount { id label identifierHint }
    property { id }
    customer { id }
  }
`);

export const BillsQuery = graphql(
  `
    query StaffBills($filter: BillFilter!, $first: Int!, $after: String) {
      bills(filter: $filter, orderBy: NEWEST, first: $first, after: $after) {
        nodes { id ...StaffBillRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [BillRowFragment],
);

type Bill = ResultOf<typeof BillRowFragment>;

interface Props {
  readonly customerId?: string;
  readonly utilityAccountId?: string;
}

/** The bills of a customer or of one account. */
export function BillList(filter: Props) {
  const t = useWords();
  const format = useFormat();
  const list = usePagedQuery(
    BillsQuery,
    { filter: { ...filter, state: 'ALL' }, first: PAGE_SIZE },
    (data) => data.bills.pageInfo,
  );
  const nodes = list.result.data?.bills.nodes;
  const columns: Column<Bill>[] = [
    {
      key: 'bill',
      label: t('bills.bill'),
      cell: (bill) => (
        <Group gap="sm" wrap="nowrap">
          <UtilityIcon type={bill.utilityType} size={34} />
          <Stack gap={0} style={{ minWidth: 0 }}>
            <AnchorLink to="/staff/bills/$billId" params={{ billId: bill.id }} className={opensRow}>
              {bill.number}
            </AnchorLink>
            <Text size="xs" c="dimmed">
              {bill.provider.name} {bill.utilityAccount?.identifierHint}
            </Text>
          </Stack>
        </Group>
      ),
    },
    { key: 'issued', label: t('bills.issued'), cell: ({ issuedOn }) => format.day(issuedOn) },
    { key: 'due', label: t('bills.due'), cell: ({ dueOn }) => (dueOn ? format.day(dueOn) : t('bills.noDue')) },
    {
      key: 'status',
      label: t('bills.status'),
      cell: (bill) => <BillStatus {...bill} />,
    },
    {
      key: 'amount',
      label: t('bills.amount'),
      right: true,
      cell: ({ amount }) => <Amount money={amount} size="sm" fw={600} />,
    },
  ];
  return (
    <PagedRows
      list={list}
      rows={nodes ? readFragment(BillRowFragment, nodes) : undefined}
      columns={columns}
      rowKey={({ id }) => id}
      label={t('bills.bill')}
      empty={
        <EmptyState icon={<IconReceipt size={32} />} title={t('customers.noBills')}>
          {t('customers.noBillsBody')}
        </EmptyState>
      }
    />
  );
}
