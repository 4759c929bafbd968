import { Badge, Box, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';

export const RechargePlansFragment = graphql(`
  fragment RechargePlans on UtilityAccount {
    id
    plan { code plan { id } }
    provider {
      id
      rechargePlans { id code name description validityDays benefits active price { amountMinor currency } }
    }
  }
`);

/** What one can buy when the plan ends, cheapest first. */
export function RechargePlans({ account: masked }: { readonly account: FragmentOf<typeof RechargePlansFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const account = readFragment(RechargePlansFragment, masked);
  const plans = account.provider.rechargePlans
    .filter(({ active }) => active)
    .sort((a, b) => Number(BigInt(a.price.amountMinor) - BigInt(b.price.amountMinor)));
  if (plans.length === 0) return null;
  const current = account.plan?.plan?.id;
  return (
    <Card>
      <Title order={2}>{t('accounts.prepaid.plans')}</Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('accounts.prepaid.plansLead')}
      </Text>
      <Stack gap="md">
        {plans.map((plan) => (
          <Group key={plan.id} justify="space-between" align="flex-start" wrap="nowrap">
            <Box style={{ minWidth: 0 }}>
              <Group gap={6}>
                <Text fw={600}>{plan.name}</Text>
                {plan.id === current ? (
                  <Badge size="sm" variant="light">
                    {t('accounts.prepaid.current')}
                  </Badge>
                ) : null}
              </Group>
              {plan.description ? <Text size="sm">{plan.description}</Text> : null}
              {plan.benefits.length > 0 ? (
                <Text size="sm" c="dimmed">
                  {plan.benefits.join(' · ')}
                </Text>
              ) : null}
            </Box>
            <Stack gap={0} align="flex-end" style={{ flexShrink: 0 }}>
              <Amount money={plan.price} fw={650} />
              <Text size="xs" c="dimmed">
                {t('accounts.prepaid.validity', { count: plan.validityDays })}
              </Text>
              {plan.validityDays > 1 ? (
                <Text size="xs" c="dimmed">
                  {t('accounts.prepaid.perDay', {
                    amount: format.money({
                      ...plan.price,
                      amountMinor: String(BigInt(plan.price.amountMinor) / BigInt(plan.validityDays)),
                    }),
                  })}
                </Text>
              ) : null}
            </Stack>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
