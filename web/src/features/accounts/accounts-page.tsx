import { Button, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconHomePlus, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { AccountCard, AccountCardFragment } from '@/entities/account/account-card';
import { useHomeEditor } from '@/entities/home/home-editor';
import { WaitingInvitations } from '@/features/homes/invitations-page';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { accountQueries, billQueries, paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { ACCOUNTS_PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState } from '@/shared/ui/states';

const AccountsQuery = memberOf(
  [billQueries, paymentQueries, accountQueries],
  graphql(
    `
    query Accounts($first: Int!, $after: String) {
      properties(first: 100) {
        nodes { id name address city members { role } }
      }
      utilityAccounts(first: $first, after: $after) {
        nodes { id status property { id } ...AccountCard }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
    [AccountCardFragment],
  ),
);

type Loaded = ResultOf<typeof AccountsQuery>;

export function AccountsPage() {
  const { t } = useTranslation();
  const list = usePagedQuery(AccountsQuery, { first: ACCOUNTS_PAGE_SIZE }, (data) => data.utilityAccounts.pageInfo);
  const { result, retry: refresh } = list;
  const editHome = useHomeEditor(refresh);
  return (
    <Page
      title={t('accounts.title')}
      actions={
        <ButtonLink to="/accounts/new" size="sm" leftSection={<IconPlus size={18} />}>
          {t('common.add')}
        </ButtonLink>
      }
    >
      <WaitingInvitations />
      <QueryState
        result={result}
        data={result.data}
        onRetry={refresh}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={24} width={160} />
            <Skeleton height={70} radius="lg" />
            <Skeleton height={70} radius="lg" />
            <Skeleton height={24} width={160} mt="md" />
            <Skeleton height={70} radius="lg" />
          </Stack>
        }
      >
        {(data) => (
          <Stack gap="xl">
            <Grouped data={data} onAddHome={() => editHome()} />
            {list.hasMore ? (
              <Button variant="default" loading={list.loadingMore} onClick={list.loadMore}>
                {t('common.loadMore')}
              </Button>
            ) : null}
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Grouped({ data, onAddHome }: { readonly data: Loaded; readonly onAddHome: () => void }) {
  const { t } = useTranslation();
  const homes = data.properties.nodes;
  // Closed accounts stay reachable, below those that are alive.
  const accounts = [...data.utilityAccounts.nodes].sort(
    (a, b) => Number(a.status === 'CLOSED') - Number(b.status === 'CLOSED'),
  );
  const homeless = accounts.filter(({ property }) => !homes.some((home) => home.id === property?.id));
  if (homes.length === 0 && accounts.length === 0) {
    return (
      <EmptyState
        icon={<IconPlugConnected size={32} />}
        title={t('accounts.emptyTitle')}
        action={
          <>
            <ButtonLink to="/accounts/new" leftSection={<IconPlus size={18} />}>
              {t('accounts.add')}
            </ButtonLink>
            <Button variant="light" leftSection={<IconHomePlus size={18} />} onClick={onAddHome}>
              {t('accounts.addHome')}
            </Button>
          </>
        }
      >
        {t('accounts.empty')}
      </EmptyState>
    );
  }
  return (
    <Stack gap="xl">
      {homes.map((home) => {
        const here = accounts.filter(({ property }) => property?.id === home.id);
        return (
          <Stack key={home.id} gap="sm" component="section">
            <Group justify="space-between" wrap="nowrap">
              <Stack gap={0} style={{ minWidth: 0 }}>
                <Title order={2}>
                  <AnchorLink to="/homes/$homeId" params={{ homeId: home.id }} c="inherit" inherit>
                    {home.name}
                  </AnchorLink>
                </Title>
                <Text size="sm" c="dimmed" truncate>
                  {[home.address, home.city].filter(Boolean).join(', ') ||
                    t('accounts.accountCount', { count: here.length })}
                </Text>
              </Stack>
              <AnchorLink to="/homes/$homeId" params={{ homeId: home.id }} size="sm" fw={600} style={{ flexShrink: 0 }}>
                {t('common.edit')}
              </AnchorLink>
            </Group>
            {here.map((account) => (
              <AccountCard key={account.id} account={account} />
            ))}
            {here.length === 0 ? <AddHere home={home.id} /> : null}
          </Stack>
        );
      })}
      {homeless.length > 0 ? (
        <Stack gap="sm" component="section">
          {homes.length > 0 ? <Title order={2}>{t('accounts.withoutHome')}</Title> : null}
          {homeless.map((account) => (
            <AccountCard key={account.id} account={account} />
          ))}
        </Stack>
      ) : null}
      <Group gap="sm">
        <ThemeIcon variant="light" size={42} radius={13} aria-hidden="true">
          <IconHomePlus size={22} stroke={1.7} />
        </ThemeIcon>
        <Text size="sm" c="dimmed" style={{ flex: '1 1 200px' }}>
          {t('accounts.noHomes')}
        </Text>
        <Button variant="light" size="sm" onClick={onAddHome}>
          {t('accounts.addHome')}
        </Button>
      </Group>
    </Stack>
  );
}

function AddHere({ home }: { readonly home: string }) {
  const { t } = useTranslation();
  return (
    <ButtonLink to="/accounts/new" search={{ home }} variant="default" leftSection={<IconPlus size={18} />}>
      {t('accounts.add')}
    </ButtonLink>
  );
}
