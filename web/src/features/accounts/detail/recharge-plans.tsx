import { Badge, Box, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { openRecharge } from './recharge';

export const RechargePlansFragment = graphql(`
  fragment RechargePlans on UtilityAccount {
    id
    label
    identifierHint
    plan { code plan { id } }
    recharge { payable reasonCode livePayment { id } }
    provider {
      id
      rechargePlans { id code name description validityDays benefits active price { amountMinor currency } }
    }
  }
`);

/** What one can buy when the plan ends, cheapest first, and the way to buy it. */
export function RechargePlans({ account: masked }: { readonly account: FragmentOf<typeof RechargePlansFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const account = readFragment(RechargePlansFragment, masked);
  const plans = account.provider.rechargePlans
    .filter(({ active }) => active)
    .sort((a, b) => Number(BigInt(a.price.amountMinor) - BigInt(b.price.amountMinor)));
  if (plans.length === 0) return null;
  const current = account.plan?.plan?.id;
  const { recharge } = account;
  return (
    <Card>
      <Title order={2}>{t('accounts.prepaid.plans')}</Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('accounts.prepaid.plansLead')}
      </Text>
      {recharge?.reasonCode ? (
        <Text size="sm" mb="md" c="var(--mantine-color-orange-light-color)" role="status">
          {t(`enums.notRechargeable.${recharge.reasonCode}`)}{' '}
          {recharge.livePayment ? (
            <AnchorLink
              to="/payments/$paymentId"
              params={{ paymentId: recharge.livePayment.id }}
              inherit
              underline="always"
            >
              {t('pay.seePayment')}
            </AnchorLink>
          ) : null}
        </Text>
      ) : null}
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
              {recharge?.payable ? (
                <Button
                  size="sm"
                  mt={6}
                  variant={plan.id === current ? 'filled' : 'light'}
                  aria-label={t('accounts.prepaid.rechargeWith', { plan: plan.name })}
                  onClick={() => openRecharge(t('accounts.prepaid.recharge'), t('common.close'), { account, plan })}
                >
                  {t('accounts.prepaid.recharge')}
                </Button>
              ) : null}
            </Stack>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
