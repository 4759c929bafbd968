import { Button, NativeSelect, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCreditCard, IconFilterOff, IconReceipt2, IconWallet } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { FilterChoicesQuery } from '@/features/bills/filter-choices';
import { reachable } from '@/shared/graphql/connection';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { useObservable } from '@/shared/lib/store';
import { ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { ACCOUNTS_PAGE_SIZE, PAGE_SIZE, usePagedQuery, useSeen } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';
import { useChangesSince } from './changes-since';
import { PaymentCard, PaymentCardFragment } from './payment-card';
import { type PaymentSearch, type PaymentStatus, paymentFilter, paymentStatuses } from './payment-search';
import { type Period, periods } from './period';

const PaymentsQuery = graphql(
  `
    query Payments($filter: PaymentFilter, $first: Int!, $after: String) {
      payments(filter: $filter, first: $first, after: $after) {
        nodes { id ...PaymentCard }
        pageInfo { hasNextPage endCursor }
        cursor
      }
    }
  `,
  [PaymentCardFragment],
);

const route = getRouteApi('/signed-in/portal/payments');

export function PaymentsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const today = format.today();
  const filter = useMemo(() => paymentFilter(search, today), [search, today]);
  // What is stored is shown; only what changed since is asked for.
  const list = usePagedQuery(PaymentsQuery, { filter, first: PAGE_SIZE }, (data) => data.payments.pageInfo, {
    requestPolicy: 'cache-first',
  });
  const reached = useObservable(reachable);
  useChangesSince(JSON.stringify(filter), list.result.data?.payments.cursor, reached, list.retry);
  const sentinel = useSeen(list.loadMore, list.hasMore);
  const nodes = list.result.data?.payments.nodes;
  const filtered = Object.keys(search).length > 0;
  return (
    <Page
      title={t('payments.title')}
      wrapActions
      actions={
        <>
          <ButtonLink
            to="/wallet"
            variant="default"
            size="sm"
            leftSection={<IconWallet size={18} aria-hidden="true" />}
          >
            {t('wallet.title')}
          </ButtonLink>
          <ButtonLink
            to="/settings/payments"
            variant="default"
            size="sm"
            visibleFrom="sm"
            leftSection={<IconCreditCard size={18} aria-hidden="true" />}
          >
            {t('methods.short')}
          </ButtonLink>
        </>
      }
    >
      <Stack gap="md">
        <Filters search={search} />
        <QueryState result={list.result} data={nodes} skeleton={<RowsSkeleton rows={6} />} onRetry={list.retry}>
          {(payments) =>
            payments.length === 0 ? (
              <NoPayments filtered={filtered} />
            ) : (
              <Stack gap="sm">
                {payments.map((payment) => (
                  <PaymentCard key={payment.id} payment={payment} />
                ))}
                <div ref={sentinel} />
                {list.loadingMore ? <RowsSkeleton rows={2} /> : null}
                {list.hasMore && !list.loadingMore ? (
                  <Button variant="default" onClick={list.loadMore}>
                    {t('common.loadMore')}
                  </Button>
                ) : null}
                {list.hasMore ? null : (
                  <Text ta="center" size="sm" c="dimmed" py="sm">
                    {t('payments.allShown')}
                  </Text>
                )}
              </Stack>
            )
          }
        </QueryState>
      </Stack>
    </Page>
  );
}

function NoPayments({ filtered }: { readonly filtered: boolean }) {
  const { t } = useTranslation();
  return filtered ? (
    <EmptyState
      icon={<IconFilterOff size={32} />}
      title={t('payments.emptyFilteredTitle')}
      action={
        <ButtonLink to="/payments" search={{}} variant="light">
          {t('bills.clearFilters')}
        </ButtonLink>
      }
    >
      {t('payments.emptyFiltered')}
    </EmptyState>
  ) : (
    <EmptyState
      icon={<IconReceipt2 size={32} />}
      title={t('payments.emptyTitle')}
      action={
        <ButtonLink to="/bills" search={{ standing: 'OPEN' }}>
          {t('home.openBills')}
        </ButtonLink>
      }
    >
      {t('payments.empty')}
    </EmptyState>
  );
}

function Filters({ search }: { readonly search: PaymentSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/payments' });
  const [{ data }] = useQuery({ query: FilterChoicesQuery, variables: { accounts: ACCOUNTS_PAGE_SIZE } });
  const providers = new Map(data?.utilityAccounts.nodes.map(({ provider }) => [provider.id, provider.name]));
  const set = (change: { [K in keyof PaymentSearch]: PaymentSearch[K] | undefined }) => {
    const next = { ...search, ...change };
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
    void navigate({ search: kept as PaymentSearch, replace: true });
  };
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs">
      <NativeSelect
        size="sm"
        aria-label={t('payments.filterStatus')}
        value={search.status ?? ''}
        onChange={(event) => set({ status: (event.currentTarget.value || undefined) as PaymentStatus | undefined })}
        data={[
          { value: '', label: t('payments.filterStatus') },
          ...paymentStatuses.map((value) => ({ value, label: t(`enums.paymentStatus.${value}`) })),
        ]}
      />
      <NativeSelect
        size="sm"
        aria-label={t('payments.filterPeriod')}
        value={search.period ?? ''}
        onChange={(event) => set({ period: (event.currentTarget.value || undefined) as Period | undefined })}
        data={[
          { value: '', label: t('payments.filterPeriod') },
          ...periods.map((value) => ({ value, label: t(`payments.period.${value}`) })),
        ]}
      />
      <NativeSelect
        size="sm"
        aria-label={t('bills.filterType')}
        value={search.type ?? ''}
        onChange={(event) => set({ type: (event.currentTarget.value || undefined) as UtilityType | undefined })}
        data={[
          { value: '', label: t('bills.filterType') },
          ...utilityTypes.map((type) => ({ value: type, label: t(`enums.utilityType.${type}`) })),
        ]}
      />
      <NativeSelect
        size="sm"
        aria-label={t('bills.filterProvider')}
        value={search.provider ?? ''}
        onChange={(event) => set({ provider: event.currentTarget.value || undefined })}
        data={[
          { value: '', label: t('bills.filterProvider') },
          ...[...providers].map(([value, label]) => ({ value, label })),
        ]}
      />
    </SimpleGrid>
  );
}
