import { Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { isPositive } from '@/shared/lib/money';
import { QueryState } from '@/shared/ui/states';
import { PaymentList } from '../payments/payment-list';
import { Section } from '../ui/section';
import { MethodState } from '../ui/statuses';
import { useWords } from '../words';

export const MoneyQuery = graphql(`
  query StaffMoney($customerId: ID!) {
    wallets(customerId: $customerId) {
      currency
      balance { amountMinor currency }
      held { amountMinor currency }
    }
    paymentMethods(customerId: $customerId) { id title status statusReason isDefault expiresSoon gatewayCode }
  }
`);

/** What a customer paid, what their wallets hold, and by what they pay. */
export function CustomerPayments({ customerId }: { readonly customerId: string }) {
  const t = useWords();
  const format = useFormat();
  const [result, execute] = useQuery({ query: MoneyQuery, variables: { customerId } });
  return (
    <Stack gap="lg">
      <QueryState
        result={result}
        data={result.data}
        skeleton={<Skeleton height={110} radius="lg" aria-busy="true" />}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {({ wallets, paymentMethods }) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Section title={t('payments.wallets')}>
              {wallets.length === 0 ? (
                <Text size="sm" c="dimmed">
                  {t('payments.noWallets')}
                </Text>
              ) : (
                wallets.map(({ currency, balance, held }) => (
                  <Group key={currency} justify="space-between">
                    <Text fw={600} className="bw-amount">
                      {format.money(balance)}
                    </Text>
                    {isPositive(held) ? (
                      <Text size="sm" c="dimmed">
                        {t('payments.held', { amount: format.money(held) })}
                      </Text>
                    ) : null}
                  </Group>
                ))
              )}
            </Section>
            <Section title={t('payments.methods')}>
              {paymentMethods.length === 0 ? (
                <Text size="sm" c="dimmed">
                  {t('payments.noMethods')}
                </Text>
              ) : (
                paymentMethods.map((method) => (
                  <Group key={method.id} justify="space-between" wrap="nowrap">
                    <Stack gap={0}>
                      <Text size="sm" fw={600}>
                        {method.title}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {[
                          method.gatewayCode,
                          method.isDefault ? t('payments.default') : undefined,
                          method.expiresSoon ? t('payments.expiresSoon') : undefined,
                          method.statusReason,
                        ]
                          .filter(Boolean)
                          .join(' · ')}
                      </Text>
                    </Stack>
                    <MethodState status={method.status} />
                  </Group>
                ))
              )}
            </Section>
          </SimpleGrid>
        )}
      </QueryState>
      <PaymentList customerId={customerId} />
    </Stack>
  );
}
