import { Card, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Enum, type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';

export const FetchAttemptsFragment = graphql(`
  fragment FetchAttempts on UtilityAccount {
    id
    fetchAttempts(first: 20) {
      nodes { id startedAt durationMs outcome billsNew billsChanged }
    }
  }
`);

const SHOWN = 5;

const look = (outcome: Enum<'FetchOutcome'>) => {
  switch (outcome) {
    case 'BILLS':
    case 'NONE_DUE':
      return { icon: IconCheck, color: 'teal' };
    case 'PENDING':
    case 'RETRYABLE':
      return { icon: IconClock, color: 'orange' };
    default:
      return { icon: IconAlertTriangle, color: 'coral' };
  }
};

/** When an account was last fetched and how it went: what we did is not hidden from those we did it for. */
export function FetchAttempts({ account: masked }: { readonly account: FragmentOf<typeof FetchAttemptsFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const attempts = readFragment(FetchAttemptsFragment, masked).fetchAttempts.nodes;
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('accounts.detail.attempts')}
      </Title>
      {attempts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('accounts.detail.noAttempts')}
        </Text>
      ) : (
        <Stack gap="sm">
          {attempts.slice(0, SHOWN).map((attempt) => {
            const { icon: Icon, color } = look(attempt.outcome);
            return (
              <Group key={attempt.id} gap="sm" wrap="nowrap" align="flex-start">
                <ThemeIcon size={22} radius="xl" variant="light" color={color} mt={2} aria-hidden="true">
                  <Icon size={13} />
                </ThemeIcon>
                <Stack gap={0}>
                  <Text size="sm">{t(`enums.fetchOutcome.${attempt.outcome}`)}</Text>
                  <Text size="xs" c="dimmed">
                    {[
                      format.instant(attempt.startedAt),
                      t('accounts.detail.seconds', { value: format.number(attempt.durationMs / 1000, 1) }),
                      attempt.billsNew > 0 ? t('accounts.detail.fetched', { count: attempt.billsNew }) : undefined,
                      attempt.billsChanged > 0
                        ? t('accounts.detail.fetchedChanged', { count: attempt.billsChanged })
                        : undefined,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </Text>
                </Stack>
              </Group>
            );
          })}
        </Stack>
      )}
    </Card>
  );
}
