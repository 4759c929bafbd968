import { Group, NativeSelect, Stack } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { type Enum, graphql, readFragment } from '@/shared/graphql/graphql';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { ProviderChoicesQuery } from '../runs/runs-page';
import { useLive } from '../ui/live';
import { PagedRows } from '../ui/paged-rows';
import { accountLooks } from '../ui/statuses';
import { useWords } from '../words';
import { AccountRowFragment, useAccountColumns } from './account-rows';

const AccountsQuery = graphql(
  `
    query StaffAccounts($status: AccountStatus, $providerId: ID, $first: Int!, $after: String) {
      utilityAccounts(status: $status, providerId: $providerId, first: $first, after: $after) {
        nodes { id ...StaffAccountRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [AccountRowFragment],
);

const statuses = Object.keys(accountLooks) as Enum<'AccountStatus'>[];
const route = getRouteApi('/signed-in/staff/accounts');

/** Accounts across customers: where an operator goes to see what needs attention at a provider. */
export function AccountsPage() {
  const t = useWords();
  const search = route.useSearch();
  const status = statuses.find((name) => name === search.status);
  const navigate = useNavigate({ from: '/staff/accounts' });
  const [{ data: choices }] = useQuery({ query: ProviderChoicesQuery });
  const columns = useAccountColumns({ withCustomer: true });
  const list = usePagedQuery(
    AccountsQuery,
    { status: status ?? null, providerId: search.provider ?? null, first: PAGE_SIZE },
    (data) => data.utilityAccounts.pageInfo,
  );
  useLive(['account.updated'], [AccountsQuery]);
  const nodes = list.result.data?.utilityAccounts.nodes;
  const set = (change: { status?: string; provider?: string }) => {
    const next = { ...search, ...change };
    void navigate({
      search: {
        ...(next.status ? { status: next.status } : {}),
        ...(next.provider ? { provider: next.provider } : {}),
      },
      replace: true,
    });
  };
  return (
    <Page up="/staff" title={t('accounts.title')} width={1240}>
      <Stack>
        <Group gap="sm">
          <NativeSelect
            size="sm"
            aria-label={t('accounts.status')}
            value={status ?? ''}
            onChange={(event) => set({ status: event.currentTarget.value })}
            data={[
              { value: '', label: t('accounts.all') },
              ...statuses.map((value) => ({ value, label: t(`enums.accountStatus.${value}`) })),
            ]}
          />
          <NativeSelect
            size="sm"
            aria-label={t('accounts.provider')}
            value={search.provider ?? ''}
            onChange={(event) => set({ provider: event.currentTarget.value })}
            data={[
              { value: '', label: t('accounts.allProviders') },
              ...(choices?.providers.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </Group>
        <PagedRows
          list={list}
          rows={nodes ? readFragment(AccountRowFragment, nodes) : undefined}
          columns={columns}
          rowKey={({ id }) => id}
          label={t('accounts.title')}
          empty={
            <EmptyState icon={<IconPlugConnected size={32} />} title={t('accounts.empty')}>
              {t('accounts.emptyBody')}
            </EmptyState>
          }
        />
      </Stack>
    </Page>
  );
}
