import { Button, SegmentedControl, SimpleGrid, Stack, Tooltip } from '@mantine/core';
import { IconChecks, IconDownload, IconPlus, IconReceipt } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BillCard, BillCardFragment, BillChoice, type ListedBill } from '@/entities/bill/bill-card';
import { stateOf } from '@/entities/bill/state';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { download } from '@/shared/lib/csv';
import { ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { NothingMatches, PagedCards } from '@/shared/ui/paged-cards';
import { EmptyState } from '@/shared/ui/states';
import { ChoiceFilter, changedSearch, TypeFilter, useFilterChoices } from '../filters';
import { type BillSearch, type BillState, billFilter, billOrder, billStates } from './bill-search';
import { billsCsv } from './bills-csv';
import { PickBar } from './pick-bar';
import { pick } from './picked';

const BillsQuery = graphql(
  `
    query Bills($filter: BillFilter, $orderBy: BillOrder, $first: Int!, $after: String) {
      bills(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { id ...BillCard }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [BillCardFragment],
);

const route = getRouteApi('/signed-in/portal/bills');

export function BillsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const list = usePagedQuery(
    BillsQuery,
    { filter: billFilter(search), orderBy: billOrder(search), first: PAGE_SIZE },
    (data) => data.bills.pageInfo,
  );
  const nodes = list.result.data?.bills.nodes;
  const filtered = Object.keys(search).length > 0;
  // What was picked stays picked under another filter: that is how one pays across homes and types.
  const [picked, setPicked] = useState<readonly ListedBill[]>();
  const navigate = useNavigate({ from: '/bills' });
  const startPicking = () => {
    setPicked([]);
    if (search.state !== 'OPEN' && search.state !== 'OVERDUE')
      void navigate({ search: { ...search, state: 'OPEN' }, replace: true });
  };

  const exportShown = () => {
    const bills = readFragment(BillCardFragment, nodes ?? []);
    const csv = billsCsv(bills, {
      columns: t('bills.columns', { returnObjects: true }),
      status: (bill) => t(`enums.billStatus.${stateOf(bill)}`),
      type: (bill) => t(`enums.utilityType.${bill.utilityType}`),
    });
    download(t('bills.exportFile', { day: format.today() }), csv);
  };

  return (
    <Page
      title={t('bills.title')}
      wrapActions
      actions={
        picked ? null : (
          <>
            <Button
              variant="light"
              size="sm"
              leftSection={<IconChecks size={18} />}
              disabled={!nodes?.length}
              onClick={startPicking}
            >
              {t('bills.select')}
            </Button>
            <Tooltip label={t('bills.exportHint')}>
              <Button
                variant="default"
                size="sm"
                leftSection={<IconDownload size={18} />}
                disabled={!nodes?.length}
                onClick={exportShown}
              >
                {t('bills.export')}
              </Button>
            </Tooltip>
          </>
        )
      }
    >
      <Stack gap="md">
        <Filters search={search} />
        <PagedCards
          list={list}
          nodes={nodes}
          rows={7}
          whole={t('bills.allShown')}
          empty={<NoBills filtered={filtered} />}
        >
          {(bill) =>
            picked ? (
              <BillChoice
                key={bill.id}
                bill={bill}
                chosen={picked.some(({ id }) => id === bill.id)}
                currency={picked[0]?.amount.currency}
                onChange={(one, chosen) => setPicked(pick(picked, one, chosen))}
              />
            ) : (
              <BillCard key={bill.id} bill={bill} />
            )
          }
        </PagedCards>
        {picked ? (
          <PickBar picked={picked} onCancel={() => setPicked(undefined)} onDone={() => setPicked(undefined)} />
        ) : null}
      </Stack>
    </Page>
  );
}

function NoBills({ filtered }: { readonly filtered: boolean }) {
  const { t } = useTranslation();
  return filtered ? (
    <NothingMatches
      title={t('bills.emptyFilteredTitle')}
      action={
        <ButtonLink to="/bills" search={{}} variant="light">
          {t('bills.clearFilters')}
        </ButtonLink>
      }
    >
      {t('bills.emptyFiltered')}
    </NothingMatches>
  ) : (
    <EmptyState
      icon={<IconReceipt size={32} />}
      title={t('bills.emptyTitle')}
      action={
        <ButtonLink to="/accounts/new" leftSection={<IconPlus size={18} />}>
          {t('accounts.add')}
        </ButtonLink>
      }
    >
      {t('bills.empty')}
    </EmptyState>
  );
}

function Filters({ search }: { readonly search: BillSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/bills' });
  const { homes, providers } = useFilterChoices();
  const set = (change: { [K in keyof BillSearch]: BillSearch[K] | undefined }) =>
    void navigate({ search: changedSearch(search, change), replace: true });

  return (
    <Stack gap="sm">
      <SegmentedControl
        fullWidth
        radius="md"
        aria-label={t('bills.filterState')}
        value={search.state ?? 'ALL'}
        onChange={(value) => set({ state: value === 'ALL' ? undefined : (value as BillState) })}
        data={billStates.map((value) => ({ value, label: t(`bills.state.${value}`) }))}
      />
      <SimpleGrid cols={3} spacing="xs">
        <ChoiceFilter
          label={t('bills.filterHome')}
          value={search.home}
          choices={homes}
          onChange={(home) => set({ home })}
        />
        <TypeFilter value={search.type} onChange={(type) => set({ type })} />
        <ChoiceFilter
          label={t('bills.filterProvider')}
          value={search.provider}
          choices={providers}
          onChange={(provider) => set({ provider })}
        />
      </SimpleGrid>
    </Stack>
  );
}
