import { Group, NativeSelect, Stack, Tabs, TextInput } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { paymentStatuses } from '@/entities/payment/payment-statuses';
import { Page } from '@/shared/ui/page';
import { ProviderChoicesQuery } from '../runs/runs-page';
import { useLive } from '../ui/live';
import { useWords } from '../words';
import { FailedDocuments, FailedDocumentsQuery } from './failed-documents';
import { PaymentList, PaymentsQuery } from './payment-list';
import { Reconciliations } from './reconciliations';
import { Transfers, TransfersQuery } from './transfers';
import { Unsettled, UnsettledQuery } from './unsettled';

const TABS = ['all', 'unsettled', 'transfers', 'documents', 'reconciliation'] as const;
type Tab = (typeof TABS)[number];

const route = getRouteApi('/signed-in/staff/payments');
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Everything about money: payments, what waits, what is transferred by hand, and the comparison with the gateways. */
export function PaymentsPage() {
  const t = useWords();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/staff/payments' });
  useLive(['payment.updated'], [PaymentsQuery, UnsettledQuery, TransfersQuery, FailedDocumentsQuery]);
  const shown: Tab = TABS.find((name) => name === search.tab) ?? 'all';
  return (
    <Page title={t('payments.title')} width={1240}>
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) => void navigate({ search: value && value !== 'all' ? { tab: value } : {}, replace: true })}
      >
        <Tabs.List mb="lg" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} style={{ flexShrink: 0 }}>
              {t(`payments.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="all">
          <AllPayments />
        </Tabs.Panel>
        <Tabs.Panel value="unsettled">
          <Unsettled />
        </Tabs.Panel>
        <Tabs.Panel value="transfers">
          <Transfers />
        </Tabs.Panel>
        <Tabs.Panel value="documents">
          <FailedDocuments />
        </Tabs.Panel>
        <Tabs.Panel value="reconciliation">
          <Reconciliations />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function AllPayments() {
  const t = useWords();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/staff/payments' });
  const [{ data: choices }] = useQuery({ query: ProviderChoicesQuery });
  const status = paymentStatuses.find((known) => known === search.status);
  const from = search.from && DAY.test(search.from) ? search.from : undefined;
  const to = search.to && DAY.test(search.to) ? search.to : undefined;
  const set = (change: { status?: string; provider?: string; from?: string; to?: string }) => {
    const next = { ...search, ...change };
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value));
    void navigate({ search: kept, replace: true });
  };
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <NativeSelect
          size="sm"
          label={t('payments.status')}
          value={status ?? ''}
          onChange={(event) => set({ status: event.currentTarget.value })}
          data={[
            { value: '', label: t('list.all') },
            ...paymentStatuses.map((value) => ({ value, label: t(`enums.paymentStatus.${value}`) })),
          ]}
        />
        <NativeSelect
          size="sm"
          label={t('accounts.provider')}
          value={search.provider ?? ''}
          onChange={(event) => set({ provider: event.currentTarget.value })}
          data={[
            { value: '', label: t('accounts.allProviders') },
            ...(choices?.providers.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <TextInput
          size="sm"
          type="date"
          label={t('payments.from')}
          value={from ?? ''}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          size="sm"
          type="date"
          label={t('payments.to')}
          value={to ?? ''}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </Group>
      <PaymentList status={status} providerId={search.provider} from={from} to={to} />
    </Stack>
  );
}
