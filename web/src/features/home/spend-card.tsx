import { Button, Card, ColorSwatch, Group, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { billQueries, paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { lastMonths } from '@/shared/lib/dates';
import { QueryState } from '@/shared/ui/states';
import { utilityLook } from '@/shared/ui/utility';
import { type SpendPoint, spendTable } from './spend';

const SpendChart = lazy(() => import('./spend-chart').then(({ SpendChart: component }) => ({ default: component })));

const SpendQuery = memberOf(
  [billQueries, paymentQueries],
  graphql(`
    query Spend($months: Int!, $propertyId: ID) {
      spendByPeriod(months: $months, propertyId: $propertyId) {
        month
        utilityType
        bills
        total { amountMinor currency }
      }
    }
  `),
);

const MONTHS = 12;

/** What the last twelve months cost, as bars and, for those who rather read or hear it, as a table. */
export function SpendCard({ propertyId }: { readonly propertyId?: string }) {
  const { t } = useTranslation();
  const [result, execute] = useQuery({
    query: SpendQuery,
    variables: { months: MONTHS, propertyId: propertyId ?? null },
  });
  return (
    <QueryState
      result={result}
      data={result.data?.spendByPeriod}
      skeleton={<Skeleton height={230} radius="lg" role="status" aria-label={t('common.loading')} />}
      onRetry={() => execute({ requestPolicy: 'network-only' })}
    >
      {(points) => (points.length === 0 ? null : <Spend points={points} />)}
    </QueryState>
  );
}

function Spend({ points }: { readonly points: readonly SpendPoint[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asTable, setAsTable] = useState(false);
  const currencies = useMemo(() => [...new Set(points.map(({ total }) => total.currency))], [points]);
  const [chosen, setChosen] = useState<string>();
  const currency = chosen && currencies.includes(chosen) ? chosen : (currencies[0] ?? 'EUR');
  const day = format.today();
  const table = useMemo(() => spendTable(points, lastMonths(day, MONTHS), currency), [points, day, currency]);
  const monthName = (month: string) => format.day(month, { month: 'short', year: '2-digit' });

  return (
    <Card>
      <Group justify="space-between" align="flex-start" mb="sm" wrap="nowrap">
        <Stack gap={0}>
          <Title order={2}>{t('home.spend')}</Title>
          <Text size="sm" c="dimmed">
            {t('home.spendAverage', { amount: format.money({ amountMinor: table.average, currency }) })}
          </Text>
        </Stack>
        {currencies.length > 1 ? (
          <SegmentedControl
            size="xs"
            data={currencies}
            value={currency}
            onChange={setChosen}
            aria-label={t('home.currency')}
          />
        ) : null}
      </Group>
      {asTable ? (
        <Table.ScrollContainer minWidth={320}>
          <Table fz="sm" verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('home.month')}</Table.Th>
                {table.types.map((type) => (
                  <Table.Th key={type} ta="right">
                    {t(`enums.utilityType.${type}`)}
                  </Table.Th>
                ))}
                <Table.Th ta="right">{t('bills.detail.total')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {table.rows.map((row) => (
                <Table.Tr key={row.month}>
                  <Table.Td>{monthName(row.month)}</Table.Td>
                  {table.types.map((type) => (
                    <Table.Td key={type} ta="right" className="bw-amount">
                      {row.byType[type] ? format.money({ amountMinor: row.byType[type], currency }) : '–'}
                    </Table.Td>
                  ))}
                  <Table.Td ta="right" className="bw-amount" fw={600}>
                    {format.money({ amountMinor: row.total, currency })}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <>
          <Suspense fallback={<Skeleton height={150} />}>
            <SpendChart table={table} currency={currency} monthName={monthName} />
          </Suspense>
          <Group gap="md" mt="xs" aria-hidden="true">
            {table.types.map((type) => (
              <Group key={type} gap={6} wrap="nowrap">
                <ColorSwatch size={10} color={`var(--mantine-color-${utilityLook(type).color}-5)`} withShadow={false} />
                <Text size="xs" c="dimmed">
                  {t(`enums.utilityType.${type}`)}
                </Text>
              </Group>
            ))}
          </Group>
        </>
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        mt="xs"
        ml={-8}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => setAsTable(!asTable)}
        aria-expanded={asTable}
      >
        {asTable ? t('common.hideTable') : t('common.showTable')}
      </Button>
    </Card>
  );
}
