import { Box, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { CardLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { AccountStatus } from './account-status';

export const AccountCardFragment = graphql(`
  fragment AccountCard on UtilityAccount {
    id
    label
    utilityType
    identifierHint
    status
    statusReason
    lastFetchedAt
    nextFetchAt
    lastOutcome
    provider { id name prepaid }
    property { id name }
  }
`);

export function AccountCard({ account: masked }: { readonly account: FragmentOf<typeof AccountCardFragment> }) {
  const account = readFragment(AccountCardFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const trouble = account.status === 'NEEDS_ATTENTION';
  return (
    <CardLink to="/accounts/$accountId" params={{ accountId: account.id }} padding="sm" className="bw-link-card">
      <Group wrap="nowrap" gap="sm">
        <UtilityIcon type={account.utilityType} />
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs" wrap="nowrap" justify="space-between" mb={2}>
            <Text fw={600} truncate>
              {account.label}
            </Text>
            <AccountStatus status={account.status} />
          </Group>
          <Text size="sm" c={trouble ? 'coral' : 'dimmed'} lineClamp={2}>
            {trouble && account.statusReason
              ? account.statusReason
              : [
                  account.label === account.provider.name ? undefined : account.provider.name,
                  account.identifierHint,
                  account.lastFetchedAt
                    ? t('accounts.checked', { when: format.relative(account.lastFetchedAt) })
                    : undefined,
                ]
                  .filter(Boolean)
                  .join(' · ')}
          </Text>
        </Box>
      </Group>
    </CardLink>
  );
}
