import { Box, Card, Divider, Group, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { RefundStatus } from '@/entities/payment/payment-status';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import type { PaymentDetail } from './payment-page';

/** What went back, where to, and why. */
export function PaymentRefunds({ refunds }: { readonly refunds: PaymentDetail['refunds'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (refunds.length === 0) return null;
  return (
    <Card padding={0}>
      <Box p="md" pb={0}>
        <CardTitle>{t('payments.refunds')}</CardTitle>
      </Box>
      {refunds.map((refund, position) => (
        <Fragment key={refund.id}>
          {position > 0 ? <Divider /> : null}
          <Box p="md">
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Amount money={refund.amount} fw={650} />
              <RefundStatus status={refund.status} />
            </Group>
            <Text size="sm" mt={4}>
              {refund.cause === 'OPERATOR' ? refund.reason : t(`enums.refundCause.${refund.cause}`)}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`enums.refundTarget.${refund.target}`)} · {format.instant(refund.createdAt)}
            </Text>
          </Box>
        </Fragment>
      ))}
    </Card>
  );
}
