import { Box, Group, Text, ThemeIcon } from '@mantine/core';
import { IconReceipt2, IconWallet } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { PaymentStatus } from './payment-status';

/** Everything a list shows of a payment, and what decides the lists it belongs to. */
export const PaymentCardFragment = graphql(`
  fragment PaymentCard on Payment {
    id
    kind
    status
    createdAt
    amount { amountMinor currency }
    refunded { amountMinor currency }
    fromWallet { amountMinor currency }
    method { id title }
    customer { id }
    allocations {
      id
      utilityType
      provider { id name }
      bill { id property { id } }
    }
  }
`);

type Payment = ResultOf<typeof PaymentCardFragment>;

interface Titled {
  readonly kind: Payment['kind'];
  readonly allocations: readonly { readonly provider: { readonly name: string } }[];
}

/** What a payment was for, in a few words: one provider by name, more of them by their number. */
export function usePaymentTitle(): (payment: Titled) => string {
  const { t } = useTranslation();
  return ({ kind, allocations }) => {
    if (kind === 'TOP_UP') return t('payments.topUp');
    const names = [...new Set(allocations.map(({ provider }) => provider.name))];
    const [first, ...others] = names;
    if (first === undefined) return t('payments.payment');
    if (others.length === 0 && allocations.length === 1) return first;
    if (others.length === 0) return t('payments.billsOf', { count: allocations.length, provider: first });
    return t('payments.billsOfMany', { count: allocations.length, provider: first });
  };
}

export function PaymentCard({ payment: masked }: { readonly payment: FragmentOf<typeof PaymentCardFragment> }) {
  const payment = readFragment(PaymentCardFragment, masked);
  const format = useFormat();
  const title = usePaymentTitle();
  const [first] = payment.allocations;
  return (
    <CardLink to="/payments/$paymentId" params={{ paymentId: payment.id }} padding="sm" className="bw-link-card">
      <Group wrap="nowrap" gap="sm">
        {first && payment.allocations.length === 1 ? (
          <UtilityIcon type={first.utilityType} />
        ) : (
          <ThemeIcon variant="light" color="tide" size={42} radius={13} aria-hidden="true">
            {payment.kind === 'TOP_UP' ? (
              <IconWallet size={23} stroke={1.7} />
            ) : (
              <IconReceipt2 size={23} stroke={1.7} />
            )}
          </ThemeIcon>
        )}
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" wrap="nowrap" gap="sm">
            <Text fw={600} truncate>
              {title(payment)}
            </Text>
            <Amount money={payment.amount} fw={650} />
          </Group>
          <Group justify="space-between" wrap="nowrap" gap="sm" mt={2}>
            <Text size="sm" c="dimmed" truncate>
              {format.instant(payment.createdAt, { dateStyle: 'medium' })}
            </Text>
            <PaymentStatus {...payment} />
          </Group>
        </Box>
      </Group>
    </CardLink>
  );
}
