import { Box, Card, Divider, Group, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { RechargeStatus } from '@/entities/recharge/recharge-status';
import { Voucher } from '@/features/payments/voucher';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import { AnchorLink } from '@/shared/ui/links';

export const RechargesFragment = graphql(`
  fragment Recharges on UtilityAccount {
    id
    recharges(first: $first) {
      nodes {
        id
        name
        status
        createdAt
        amount { amountMinor currency }
        payment { id }
        remittance { id status voucher }
      }
    }
  }
`);

const SHOWN = 5;

/** What was bought for a prepaid account lately, each with its code. */
export function Recharges({ account: masked }: { readonly account: FragmentOf<typeof RechargesFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bought = readFragment(RechargesFragment, masked).recharges.nodes.slice(0, SHOWN);
  if (bought.length === 0) return null;
  return (
    <Card padding={0}>
      <Box p="md" pb={0}>
        <CardTitle>{t('accounts.prepaid.recharges')}</CardTitle>
      </Box>
      {bought.map(({ id, name, status, createdAt, amount, payment, remittance }, position) => (
        <Fragment key={id}>
          {position > 0 ? <Divider /> : null}
          <Box p="md">
            <Group justify="space-between" wrap="nowrap" gap="sm" align="baseline">
              {payment ? (
                <AnchorLink to="/payments/$paymentId" params={{ paymentId: payment.id }} fw={600} truncate>
                  {name}
                </AnchorLink>
              ) : (
                <Text fw={600} truncate>
                  {name}
                </Text>
              )}
              <Amount money={amount} fw={600} />
            </Group>
            <Group justify="space-between" gap={6}>
              <Text size="sm" c="dimmed">
                {format.instant(createdAt)}
              </Text>
              <RechargeStatus status={status} />
            </Group>
            {remittance?.voucher ? <Voucher code={remittance.voucher} remittanceId={remittance.id} /> : null}
          </Box>
        </Fragment>
      ))}
    </Card>
  );
}
