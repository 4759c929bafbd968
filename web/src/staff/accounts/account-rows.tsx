import { Group, Stack, Text } from '@mantine/core';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { type Column, opensRow } from '../ui/rows';
import { AccountStatus, Outcome } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';

export const AccountRowFragment = graphql(`
  fragment StaffAccountRow on UtilityAccount {
    id
    label
    utilityType
    identifierHint
    status
    statusReason
    lastFetchedAt
    lastOutcome
    nextFetchAt
    provider { id name }
    property { id name }
    customer { id name }
  }
`);

type Account = ResultOf<typeof AccountRowFragment>;

export function useAccountColumns({ withCustomer }: { readonly withCustomer: boolean }): Column<Account>[] {
  const t = useWords();
  return [
    {
      key: 'account',
      label: t('accounts.account'),
      cell: (account) => (
        <Group gap="sm" wrap="nowrap">
          <UtilityIcon type={account.utilityType} size={34} />
          <Stack gap={0} style={{ minWidth: 0 }}>
            <AnchorLink to="/staff/accounts/$accountId" params={{ accountId: account.id }} className={opensRow}>
              {account.label}
            </AnchorLink>
            <Text size="xs" c="dimmed">
              {account.provider.name} {account.identifierHint}
            </Text>
          </Stack>
        </Group>
      ),
    },
    withCustomer
      ? {
          key: 'customer',
          label: t('accounts.customer'),
          cell: ({ customer }) => (
            <AnchorLink to="/staff/customers/$customerId" params={{ customerId: customer.id }} size="sm">
              {customer.name}
            </AnchorLink>
          ),
        }
      : {
          key: 'home',
          label: t('accounts.home'),
          cell: ({ property }) =>
            property?.name ?? (
              <Text span size="sm" c="dimmed">
                {t('accounts.noHome')}
              </Text>
            ),
        },
    {
      key: 'status',
      label: t('accounts.status'),
      cell: ({ status, statusReason }) => (
        <Stack gap={2} align="flex-start">
          <AccountStatus status={status} />
          {statusReason ? (
            <Text size="xs" c="dimmed">
              {statusReason}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'last',
      label: t('accounts.last'),
      cell: ({ lastFetchedAt, lastOutcome }) => (
        <Group gap={6}>
          <When at={lastFetchedAt} />
          {lastOutcome ? <Outcome outcome={lastOutcome} /> : null}
        </Group>
      ),
    },
    {
      key: 'next',
      label: t('accounts.next'),
      right: true,
      cell: ({ nextFetchAt }) =>
        nextFetchAt ? (
          <When at={nextFetchAt} />
        ) : (
          <Text span size="sm" c="dimmed">
            {t('accounts.notPlanned')}
          </Text>
        ),
    },
  ];
}
