import { Stack, Text } from '@mantine/core';
import { IconBuildingBank, IconPlus } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { useLive } from '../ui/live';
import { useIsAdmin } from '../ui/role';
import { type Column, opensRow, Rows } from '../ui/rows';
import { Circuit, GatewayState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { type Gateway, GatewayFragment } from './gateway-fragment';

const GatewaysQuery = graphql(
  `
    query StaffGateways {
      gateways { id ...StaffGateway }
    }
  `,
  [GatewayFragment],
);

/** Health changes without events. */
const ASK_AGAIN_MS = 15_000;

/** What moves money: in which order it is tried, and how it is. */
export function GatewaysPage() {
  const t = useWords();
  const admin = useIsAdmin();
  const [result, execute] = useQuery({ query: GatewaysQuery });
  useLive(['gateway.updated'], [GatewaysQuery]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') execute({ requestPolicy: 'network-only' });
    }, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [execute]);
  const columns: Column<Gateway>[] = [
    {
      key: 'gateway',
      label: t('gateways.gateway'),
      cell: ({ id, name, code }) => (
        <Stack gap={0}>
          <AnchorLink to="/staff/gateways/$gatewayId" params={{ gatewayId: id }} className={opensRow}>
            {name}
          </AnchorLink>
          <Text size="xs" c="dimmed" ff="monospace">
            {code}
          </Text>
        </Stack>
      ),
    },
    { key: 'rank', label: t('gateways.rank'), cell: ({ rank }) => rank },
    {
      key: 'status',
      label: t('payments.status'),
      cell: ({ status, lastTest }) => (
        <Stack gap={0} align="flex-start">
          <GatewayState status={status} />
          {lastTest?.passed ? null : (
            <Text size="xs" c="dimmed">
              {lastTest ? t('gateways.testFailed') : t('gateways.untested')}
            </Text>
          )}
        </Stack>
      ),
    },
    { key: 'health', label: t('gateways.health'), cell: ({ circuit }) => <Circuit state={circuit.state} /> },
    {
      key: 'takes',
      label: t('gateways.takes'),
      cell: ({ currencies, kinds }) =>
        [
          kinds.map((kind) => t(`enums.methodKind.${kind}`)).join(', '),
          currencies.length > 0 ? currencies.join(', ') : t('gateways.allCurrencies'),
        ].join(' · '),
    },
    {
      key: 'last',
      label: t('gateways.lastSuccess'),
      right: true,
      cell: ({ lastSuccessAt }) => <When at={lastSuccessAt} />,
    },
  ];
  return (
    <Page
      title={t('gateways.title')}
      subtitle={t('gateways.lead')}
      width={1240}
      actions={
        admin ? (
          <ButtonLink to="/staff/gateways/new" size="sm" leftSection={<IconPlus size={18} />}>
            {t('gateways.add')}
          </ButtonLink>
        ) : null
      }
    >
      <QueryState
        result={result}
        data={result.data?.gateways}
        skeleton={<RowsSkeleton rows={3} height={52} />}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {(gateways) =>
          gateways.length === 0 ? (
            <EmptyState icon={<IconBuildingBank size={32} />} title={t('gateways.empty')}>
              {t('gateways.emptyBody')}
            </EmptyState>
          ) : (
            <Rows
              columns={columns}
              rows={readFragment(GatewayFragment, gateways)}
              rowKey={({ id }) => id}
              label={t('gateways.title')}
            />
          )
        }
      </QueryState>
    </Page>
  );
}
