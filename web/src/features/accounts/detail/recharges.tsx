import { Box, Card, Divider, Group, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { BillStatus } from '@/entities/bill/bill-status';
import { Voucher } from '@/features/payments/voucher';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import { AnchorLink } from '@/shared/ui/links';

export const RechargesFragment = graphql(`
  fragment Recharges on UtilityAccount {
    id
    bills(first: $first) {
      nodes {
        id
        status
        overdue
        createdAt
        amount { amountMinor currency }
        remaining { amountMinor currency }
        beingPaid { amountMinor currency }
        recharge { name validityDays remittance { id status voucher } }
      }
    }
  }
`);

const SHOWN = 5;

/** What was bought for a prepaid account lately, each with its code. */
export function Recharges({ account: masked }: { readonly account: FragmentOf<typeof RechargesFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const account = readFragment(RechargesFragment, masked);
  const bought = account.bills.nodes.filter(({ recharge }) => recharge !== null).slice(0, SHOWN);
  if (bought.length === 0) return null;
  return (
    <Card padding={0}>
      <Box p="md" pb={0}>
        <CardTitle>{t('accounts.prepaid.recharges')}</CardTitle>
      </Box>
      {bought.map(({ id, createdAt, amount, recharge, ...state }, position) => (
        <Fragment key={id}>
          {position > 0 ? <Divider /> : null}
          <Box p="md">
            <Group justify="space-between" wrap="nowrap" gap="sm" align="baseline">
              <AnchorLink to="/bills/$billId" params={{ billId: id }} fw={600} truncate>
                {recharge?.name}
              </AnchorLink>
              <Amount money={amount} fw={600} />
            </Group>
            <Group justify="space-between" gap={6}>
              <Text size="sm" c="dimmed">
                {format.instant(createdAt)}
              </Text>
              <BillStatus {...state} daysUntilDue={null} />
            </Group>
            {recharge?.remittance?.voucher ? (
              <Voucher code={recharge.remittance.voucher} remittanceId={recharge.remittance.id} />
            ) : null}
          </Box>
        </Fragment>
      ))}
    </Card>
  );
}
