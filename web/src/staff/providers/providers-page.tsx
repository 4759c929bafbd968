import { Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconBuildingFactory2, IconFilterOff, IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type Enum, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { UtilityIcon } from '@/shared/ui/utility';
import { useLive } from '../ui/live';
import { PagedRows } from '../ui/paged-rows';
import { useIsAdmin } from '../ui/role';
import { type Column, opensRow } from '../ui/rows';
import { SearchBox } from '../ui/search-box';
import { Circuit, ProviderStatus } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';

const ProviderRowFragment = graphql(`
  fragment StaffProviderRow on Provider {
    id
    code
    name
    utilityType
    status
    statusReason
    connectorKind
    schedule { description nextSlot }
    health { circuit lastSuccessAt accounts accountsNeedingAttention }
  }
`);

const ProvidersQuery = graphql(
  `
    query StaffProviders($search: String, $status: ProviderStatus, $first: Int!, $after: String) {
      providers(search: $search, status: $status, first: $first, after: $after) {
        nodes { id ...StaffProviderRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [ProviderRowFragment],
);

type Provider = ResultOf<typeof ProviderRowFragment>;

const STATUSES = ['ACTIVE', 'PAUSED'] as const satisfies Enum<'ProviderStatus'>[];
const route = getRouteApi('/signed-in/staff/providers');

export function ProvidersPage() {
  const t = useWords();
  const format = useFormat();
  const admin = useIsAdmin();
  const search = route.useSearch();
  const status = STATUSES.find((name) => name === search.status);
  const navigate = useNavigate({ from: '/staff/providers' });
  const list = usePagedQuery(
    ProvidersQuery,
    { search: search.q ?? null, status: status ?? null, first: PAGE_SIZE },
    (data) => data.providers.pageInfo,
  );
  useLive(['provider.updated'], [ProvidersQuery]);
  const set = (change: { q?: string; status?: string }) => {
    const next = { ...search, ...change };
    void navigate({
      search: { ...(next.q ? { q: next.q } : {}), ...(next.status ? { status: next.status } : {}) },
      replace: true,
    });
  };
  const nodes = list.result.data?.providers.nodes;
  const columns: Column<Provider>[] = [
    {
      key: 'provider',
      label: t('providers.provider'),
      cell: (provider) => (
        <Group gap="sm" wrap="nowrap">
          <UtilityIcon type={provider.utilityType} size={34} />
          <Stack gap={0} style={{ minWidth: 0 }}>
            <AnchorLink to="/staff/providers/$providerId" params={{ providerId: provider.id }} className={opensRow}>
              {provider.name}
            </AnchorLink>
            <Text size="xs" c="dimmed">
              {provider.code}
              {provider.connectorKind ? ` · ${t(`enums.connectorKind.${provider.connectorKind}`)}` : ''}
            </Text>
          </Stack>
        </Group>
      ),
    },
    {
      key: 'health',
      label: t('providers.health'),
      cell: ({ status: state, health }) => (
        <Group gap={6}>
          {state === 'PAUSED' ? <ProviderStatus status="PAUSED" /> : health ? <Circuit state={health.circuit} /> : null}
        </Group>
      ),
    },
    {
      key: 'accounts',
      label: t('providers.accounts'),
      cell: ({ health }) =>
        health ? (
          <Stack gap={0}>
            <span className="bw-amount">{format.number(health.accounts)}</span>
            {health.accountsNeedingAttention > 0 ? (
              <Text size="xs" c="coral">
                {t('providers.attention', { count: health.accountsNeedingAttention })}
              </Text>
            ) : null}
          </Stack>
        ) : null,
    },
    {
      key: 'schedule',
      label: t('providers.schedule'),
      cell: ({ schedule }) => (
        <Text size="sm" span>
          {schedule.description}
        </Text>
      ),
    },
    {
      key: 'success',
      label: t('providers.lastSuccess'),
      right: true,
      cell: ({ health }) => <When at={health?.lastSuccessAt} />,
    },
  ];
  const add = (
    <ButtonLink to="/staff/providers/new" size="sm" leftSection={<IconPlus size={18} />}>
      {t('providers.add')}
    </ButtonLink>
  );
  return (
    <Page title={t('providers.title')} width={1240} actions={admin ? add : null}>
      <Stack>
        <Group gap="sm">
          <SearchBox value={search.q ?? ''} placeholder={t('providers.search')} onChange={(q) => set({ q })} />
          <NativeSelect
            size="sm"
            aria-label={t('providers.status')}
            value={status ?? ''}
            onChange={(event) => set({ status: event.currentTarget.value })}
            data={[
              { value: '', label: t('providers.anyStatus') },
              ...STATUSES.map((value) => ({ value, label: t(`enums.providerStatus.${value}`) })),
            ]}
          />
        </Group>
        <PagedRows
          list={list}
          rows={nodes ? readFragment(ProviderRowFragment, nodes) : undefined}
          columns={columns}
          rowKey={({ id }) => id}
          label={t('providers.title')}
          empty={
            search.q || status ? (
              <EmptyState icon={<IconFilterOff size={32} />} title={t('providers.noMatch')}>
                {t('providers.noMatchBody')}
              </EmptyState>
            ) : (
              <EmptyState
                icon={<IconBuildingFactory2 size={32} />}
                title={t('providers.empty')}
                action={admin ? add : undefined}
              >
                {t('providers.emptyBody')}
              </EmptyState>
            )
          }
        />
      </Stack>
    </Page>
  );
}
