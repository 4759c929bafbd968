import { Box, Card, Divider, Group, Stack, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { MethodIcon } from '@/entities/method/method-line';
import { useMethodTitle } from '@/entities/method/method-title';
import { RemittanceStatus } from '@/entities/payment/payment-status';
import { isPositive, type MoneyValue } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import { AnchorLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { Voucher } from '../voucher';
import type { PaymentDetail } from './payment-page';

/** Both legs: what came from whoever paid, and what went to the providers. */
export function PaymentLegs({ payment }: { readonly payment: PaymentDetail }) {
  const { t } = useTranslation();
  const title = useMethodTitle();
  return (
    <>
      <Card>
        <CardTitle>{payment.status === 'SUCCEEDED' ? t('payments.fromYou') : t('payments.askedOfYou')}</CardTitle>
        <Stack gap="sm">
          <Source label={t('payments.wallet')} money={payment.fromWallet} />
          <Source
            label={payment.method ? title(payment.method) : t('payments.cardAtGateway')}
            money={payment.fromGateway}
            kind={payment.method?.kind}
          />
        </Stack>
      </Card>
      {payment.allocations.length > 0 ? (
        <Card padding={0}>
          <Box p="md" pb={0}>
            <CardTitle>{t('payments.toProviders')}</CardTitle>
          </Box>
          {payment.allocations.map((allocation, position) => (
            <Fragment key={allocation.id}>
              {position > 0 ? <Divider /> : null}
              <Part allocation={allocation} />
            </Fragment>
          ))}
        </Card>
      ) : null}
    </>
  );
}

interface SourceProps {
  readonly label: string;
  readonly money: MoneyValue;
  readonly kind?: 'CARD' | 'DIRECT_DEBIT' | undefined;
}

function Source({ label, money, kind }: SourceProps) {
  if (BigInt(money.amountMinor) === 0n) return null;
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        {kind ? <MethodIcon kind={kind} size={32} /> : null}
        <Text size="sm">{label}</Text>
      </Group>
      <Amount money={money} size="sm" fw={600} />
    </Group>
  );
}

/** What the part of a payment is for, with the page where one reads more of it. */
function Paid({ allocation: { bill, recharge } }: { readonly allocation: PaymentDetail['allocations'][number] }) {
  const { t } = useTranslation();
  if (bill) {
    return (
      <AnchorLink to="/bills/$billId" params={{ billId: bill.id }} size="sm">
        {t('payments.bill', { number: bill.number })}
      </AnchorLink>
    );
  }
  if (!recharge) return null;
  const words = [recharge.name, t('accounts.prepaid.validity', { count: recharge.validityDays })].join(' · ');
  if (!recharge.utilityAccount) return <Text size="sm">{words}</Text>;
  return (
    <AnchorLink to="/accounts/$accountId" params={{ accountId: recharge.utilityAccount.id }} size="sm">
      {words}
    </AnchorLink>
  );
}

function Part({ allocation }: { readonly allocation: PaymentDetail['allocations'][number] }) {
  const { t } = useTranslation();
  const { provider, remittance, refunded } = allocation;
  return (
    <Box p="md">
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <UtilityIcon type={allocation.utilityType} size={36} />
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" wrap="nowrap" gap="sm" align="baseline">
            <Text fw={600} truncate>
              {provider.name}
            </Text>
            <Amount money={allocation.amount} fw={600} />
          </Group>
          <Group justify="space-between" gap={6}>
            <Paid allocation={allocation} />
            {remittance ? <RemittanceStatus status={remittance.status} /> : null}
          </Group>
          {remittance?.message && remittance.status === 'REJECTED' ? (
            <Text size="sm" mt={4}>
              {remittance.message}
            </Text>
          ) : null}
          {remittance?.providerReference ? (
            <Text size="sm" c="dimmed" mt={2} style={{ overflowWrap: 'anywhere' }}>
              {t('payments.reference', { reference: remittance.providerReference })}
            </Text>
          ) : null}
          {isPositive(refunded) ? (
            <Group gap={6} mt={2}>
              <Text size="sm" c="dimmed">
                {t('payments.givenBack')}
              </Text>
              <Amount money={refunded} size="sm" />
            </Group>
          ) : null}
          {remittance?.voucher ? <Voucher code={remittance.voucher} remittanceId={remittance.id} /> : null}
        </Box>
      </Group>
    </Box>
  );
}
