import { SimpleGrid, Stack } from '@mantine/core';
import { IconCreditCard, IconReceipt2, IconWallet } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { PaymentCard, PaymentCardFragment } from '@/entities/payment/payment-card';
import { paymentStatuses } from '@/entities/payment/payment-statuses';
import { ChoiceFilter, changedSearch, TypeFilter, useFilterChoices } from '@/features/bills/filters';
import { reachable } from '@/shared/graphql/connection';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { useObservable } from '@/shared/lib/store';
import { ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { NothingMatches, PagedCards } from '@/shared/ui/paged-cards';
import { EmptyState } from '@/shared/ui/states';
import { useChangesSince } from './changes-since';
import { type PaymentSearch, paymentFilter } from './payment-search';
import { periods } from './period';

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
        <PagedCards
          list={list}
          nodes={nodes}
          rows={6}
          whole={t('payments.allShown')}
          empty={<NoPayments filtered={filtered} />}
        >
          {(payment) => <PaymentCard key={payment.id} payment={payment} />}
        </PagedCards>
      </Stack>
    </Page>
  );
}

function NoPayments({ filtered }: { readonly filtered: boolean }) {
  const { t } = useTranslation();
  return filtered ? (
    <NothingMatches
      title={t('payments.emptyFilteredTitle')}
      action={
        <ButtonLink to="/payments" search={{}} variant="light">
          {t('bills.clearFilters')}
        </ButtonLink>
      }
    >
      {t('payments.emptyFiltered')}
    </NothingMatches>
  ) : (
    <EmptyState
      icon={<IconReceipt2 size={32} />}
      title={t('payments.emptyTitle')}
      action={
        <ButtonLink to="/bills" search={{ state: 'OPEN' }}>
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
  const { providers } = useFilterChoices();
  const set = (change: { [K in keyof PaymentSearch]: PaymentSearch[K] | undefined }) =>
    void navigate({ search: changedSearch(search, change), replace: true });
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs">
      <ChoiceFilter
        label={t('payments.filterStatus')}
        value={search.status}
        choices={paymentStatuses.map((value) => ({ value, label: t(`enums.paymentStatus.${value}`) }))}
        onChange={(status) => set({ status })}
      />
      <ChoiceFilter
        label={t('payments.filterPeriod')}
        value={search.period}
        choices={periods.map((value) => ({ value, label: t(`payments.period.${value}`) }))}
        onChange={(period) => set({ period })}
      />
      <TypeFilter value={search.type} onChange={(type) => set({ type })} />
      <ChoiceFilter
        label={t('bills.filterProvider')}
        value={search.provider}
        choices={providers}
        onChange={(provider) => set({ provider })}
      />
    </SimpleGrid>
  );
}
