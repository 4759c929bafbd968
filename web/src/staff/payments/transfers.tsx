import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconBuildingBank } from '@tabler/icons-react';
import { useState } from 'react';
import { type Enum, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { Section } from '../ui/section';
import { RemittanceState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { PaidLink } from './paid-link';
import { useRemittanceActions } from './remittance-actions';

const RemittanceRowFragment = graphql(`
  fragment StaffRemittanceRow on Remittance {
    id
    status
    canDecide
    amount { amountMinor currency }
    providerReference
    message
    tries
    createdAt
    provider { id name }
    bill { id number }
    recharge { id name number utilityAccount { id } }
    payment { id customer { id name } }
  }
`);

export const TransfersQuery = graphql(
  `
    query StaffTransfers($status: RemittanceStatus, $first: Int!, $after: String) {
      remittances(status: $status, first: $first, after: $after) {
        nodes { id ...StaffRemittanceRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [RemittanceRowFragment],
);

type Remittance = ResultOf<typeof RemittanceRowFragment>;

const STATUSES = [
  'MANUAL',
  'UNKNOWN',
  'QUEUED',
  'SENT',
  'CONFIRMED',
  'REJECTED',
] as const satisfies Enum<'RemittanceStatus'>[];

/** What providers are to get: what somebody has to transfer by hand comes first. */
export function Transfers() {
  const t = useWords();
  const [status, setStatus] = useState<Enum<'RemittanceStatus'> | ''>('MANUAL');
  const list = usePagedQuery(
    TransfersQuery,
    { status: status || null, first: PAGE_SIZE },
    (data) => data.remittances.pageInfo,
  );
  const { confirm, reject } = useRemittanceActions(list.retry);
  const nodes = list.result.data?.remittances.nodes;
  const columns: Column<Remittance>[] = [
    {
      key: 'provider',
      label: t('accounts.provider'),
      cell: ({ provider, bill, recharge }) => (
        <Stack gap={0}>
          <AnchorLink to="/staff/providers/$providerId" params={{ providerId: provider.id }} fw={600}>
            {provider.name}
          </AnchorLink>
          <PaidLink bill={bill} recharge={recharge} size="xs" />
        </Stack>
      ),
    },
    {
      key: 'payment',
      label: t('accounts.customer'),
      cell: ({ payment }) =>
        payment ? (
          <AnchorLink to="/staff/payments/$paymentId" params={{ paymentId: payment.id }} size="sm">
            {payment.customer.name}
          </AnchorLink>
        ) : null,
    },
    {
      key: 'status',
      label: t('payments.status'),
      cell: (remittance) => (
        <Stack gap={2} align="flex-start">
          <RemittanceState status={remittance.status} />
          {remittance.message ? (
            <Text size="xs" c="dimmed">
              {remittance.message}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    { key: 'since', label: t('payments.waitingSince'), cell: ({ createdAt }) => <When at={createdAt} /> },
    { key: 'amount', label: t('bills.amount'), cell: ({ amount }) => <Amount money={amount} size="sm" fw={600} /> },
    {
      key: 'actions',
      label: t('payments.decide'),
      right: true,
      cell: (remittance) =>
        remittance.canDecide ? (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <Button size="xs" variant="light" onClick={() => confirm(remittance)}>
              {t('payments.confirm')}
            </Button>
            <Button size="xs" variant="default" onClick={() => reject(remittance)}>
              {t('payments.reject')}
            </Button>
          </Group>
        ) : (
          (remittance.providerReference ?? '–')
        ),
    },
  ];
  return (
    <Section bare title={t('payments.tabs.transfers')} hint={t('payments.transfersHint')}>
      <NativeSelect
        size="sm"
        maw={260}
        aria-label={t('payments.status')}
        value={status}
        onChange={(event) => setStatus(event.currentTarget.value as typeof status)}
        data={[
          ...STATUSES.map((value) => ({ value, label: t(`enums.remittanceStatus.${value}`) })),
          { value: '', label: t('list.all') },
        ]}
      />
      <PagedRows
        list={list}
        rows={nodes ? readFragment(RemittanceRowFragment, nodes) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('payments.tabs.transfers')}
        empty={
          <EmptyState icon={<IconBuildingBank size={32} />} title={t('payments.noTransfers')}>
            {t('payments.noTransfersBody')}
          </EmptyState>
        }
      />
    </Section>
  );
}
