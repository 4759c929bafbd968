import { Box, Button, Card, Divider, Group, Progress, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconCheck } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PaymentStatus } from '@/entities/payment/payment-status';
import { QuoteFragment } from '@/entities/payment/quote-fragment';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import { AnchorLink } from '@/shared/ui/links';
import { usePaidElsewhere } from './paid-elsewhere';

export const BillPaymentsFragment = graphql(
  `
    fragment BillPayments on Bill {
      id
      status
      markedBy
      amount { amountMinor currency }
      paid { amountMinor currency }
      remaining { amountMinor currency }
      quote { ...Quote }
      payments(first: 10) {
        nodes {
          id
          status
          createdAt
          amount { amountMinor currency }
          refunded { amountMinor currency }
          allocations { id amount { amountMinor currency } bill { id } }
        }
      }
    }
  `,
  [QuoteFragment],
);

interface Props {
  readonly bill: FragmentOf<typeof BillPaymentsFragment>;
  /** Where a payment is looked at: operators have a page of their own for it. */
  readonly staff?: boolean;
  /** How to pay what is left. */
  readonly pay?: ReactNode;
}

/** What was paid of a bill, what is left, and the way to pay it. */
export function BillPayments({ bill: masked, staff = false, pay }: Props) {
  const bill = readFragment(BillPaymentsFragment, masked);
  const quote = readFragment(QuoteFragment, bill.quote);
  const { t } = useTranslation();
  const format = useFormat();
  const [amount, paid] = [BigInt(bill.amount.amountMinor), BigInt(bill.paid.amountMinor)];
  const payments = bill.payments.nodes;
  const elsewhere = usePaidElsewhere();
  const mayPay = quote !== null;
  const reopens = mayPay && (bill.status === 'HISTORY' || (bill.status === 'PAID_ELSEWHERE' && bill.markedBy !== null));
  const open = bill.status === 'OPEN';
  if (!open && !reopens && payments.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t('bills.pay.title')}</CardTitle>
      <Stack gap="sm">
        {paid > 0n ? (
          <Stack gap={6}>
            <Progress
              value={amount > 0n ? Math.min(100, Number((paid * 100n) / amount)) : 100}
              color="teal"
              aria-label={t('bills.pay.paidShare')}
            />
            <Group justify="space-between">
              <Text size="sm">{t('bills.pay.paid', { amount: format.money(bill.paid) })}</Text>
              {open ? (
                <Text size="sm" fw={600}>
                  {t('bills.pay.left', { amount: format.money(bill.remaining) })}
                </Text>
              ) : null}
            </Group>
          </Stack>
        ) : null}
        {open && quote ? pay : null}
        {open && quote && quote.reasonCode !== 'UNDER_WAY' ? (
          <Button
            variant="subtle"
            size="compact-md"
            leftSection={<IconCheck size={16} />}
            loading={elsewhere.busy}
            style={{ alignSelf: 'flex-start' }}
            ml={-8}
            onClick={() => void elsewhere.mark([bill.id])}
          >
            {t('bills.elsewhere.mark')}
          </Button>
        ) : null}
        {reopens ? (
          <Button
            variant="light"
            size="sm"
            leftSection={<IconArrowBackUp size={16} />}
            loading={elsewhere.busy}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => void elsewhere.undo([bill.id])}
          >
            {t(bill.status === 'HISTORY' ? 'bills.elsewhere.reopen' : 'bills.elsewhere.undo')}
          </Button>
        ) : null}
        {open && !quote && !staff ? (
          <Text size="sm" c="dimmed">
            {t('bills.pay.mayNot')}
          </Text>
        ) : null}
        {payments.map((payment, position) => (
          <Fragment key={payment.id}>
            {position > 0 || paid > 0n || open ? <Divider /> : null}
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Box style={{ minWidth: 0 }}>
                <AnchorLink
                  to={staff ? '/staff/payments/$paymentId' : '/payments/$paymentId'}
                  params={{ paymentId: payment.id }}
                  size="sm"
                >
                  {format.instant(payment.createdAt)}
                </AnchorLink>
                <Box>
                  <Amount
                    money={payment.allocations.find((part) => part.bill?.id === bill.id)?.amount ?? payment.amount}
                    size="sm"
                    fw={600}
                  />
                </Box>
              </Box>
              <PaymentStatus {...payment} />
            </Group>
          </Fragment>
        ))}
      </Stack>
    </Card>
  );
}
