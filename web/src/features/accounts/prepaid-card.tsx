import { Box, Card, Group, RingProgress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';

export const PrepaidFragment = graphql(`
  fragment Prepaid on UtilityAccount {
    id
    label
    identifierHint
    provider { id name }
    plan {
      code
      expiresOn
      daysLeft
      balance { amountMinor currency }
      plan { id name description validityDays benefits price { amountMinor currency } }
    }
  }
`);

const SOON_DAYS = 3;
const WEEK_DAYS = 7;

interface Props {
  readonly account: FragmentOf<typeof PrepaidFragment>;
  /** On the page of the account itself, which already says whose plan this is. */
  readonly inside?: boolean;
}

/** How long a prepaid plan still runs: the countdown matters here as the due date does for a bill. */
export function PrepaidCard({ account: masked, inside = false }: Props) {
  const account = readFragment(PrepaidFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const { plan } = account;
  if (!plan) return null;
  const planName = plan.plan?.name ?? plan.code;
  const daysLeft = plan.daysLeft ?? 0;
  const whole = plan.plan?.validityDays ?? 28;
  const share = Math.max(0, Math.min(100, (daysLeft / whole) * 100));
  const color = daysLeft <= SOON_DAYS ? 'coral' : daysLeft <= WEEK_DAYS ? 'orange' : 'tide';
  return (
    <Card>
      <Group wrap="nowrap" gap="md">
        <RingProgress
          size={76}
          thickness={7}
          roundCaps
          sections={[{ value: share, color }]}
          label={
            <Text ta="center" fw={700} fz="lg" lh={1}>
              {daysLeft}
              <Text span display="block" fz={10} fw={500} c="dimmed">
                {t('accounts.prepaid.days', { count: daysLeft })}
              </Text>
            </Text>
          }
        />
        <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
          {inside ? (
            <>
              <Text size="xs" c="dimmed">
                {t('accounts.prepaid.title')}
              </Text>
              <Text fw={600}>{planName}</Text>
            </>
          ) : (
            <>
              <AnchorLink to="/accounts/$accountId" params={{ accountId: account.id }} c="inherit" fw={600} truncate>
                {account.label}
              </AnchorLink>
              <Text size="sm" c="dimmed">
                {[planName, account.identifierHint].filter(Boolean).join(' · ')}
              </Text>
            </>
          )}
          {plan.expiresOn ? (
            <Text
              size="sm"
              fw={500}
              c={daysLeft <= WEEK_DAYS ? `var(--mantine-color-${color}-light-color)` : undefined}
            >
              {t(daysLeft < 0 ? 'accounts.prepaid.ended' : 'accounts.prepaid.ends', {
                when: format.daysAway(daysLeft),
                day: format.day(plan.expiresOn),
              })}
            </Text>
          ) : null}
        </Stack>
        <Stack gap={6} align="flex-end">
          {plan.balance ? (
            <Box ta="right">
              <Text size="xs" c="dimmed">
                {t('accounts.prepaid.balance')}
              </Text>
              <Amount money={plan.balance} fw={650} />
            </Box>
          ) : null}
          {inside || daysLeft > WEEK_DAYS ? null : (
            <ButtonLink
              to="/accounts/$accountId"
              params={{ accountId: account.id }}
              size="compact-sm"
              variant="light"
              aria-label={t('accounts.prepaid.rechargeWith', { plan: account.label })}
            >
              {t('accounts.prepaid.recharge')}
            </ButtonLink>
          )}
        </Stack>
      </Group>
    </Card>
  );
}
