import { Alert, Card, Grid, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconFileX, IconMailX, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { useAskAgain } from '@/shared/graphql/ask-again';
import { type Enum, graphql, type ResultOf } from '@/shared/graphql/graphql';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink, ButtonLink, CardLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { pulseQueries } from '../pulse';
import { RunRows, RunRowsFragment } from '../runs/run-rows';
import { useLive } from '../ui/live';
import { Section } from '../ui/section';
import { AccountStatus, accountLooks, Circuit, DeliveryState, deliveryLooks, ProviderStatus } from '../ui/statuses';
import { useWords } from '../words';
import { BackgroundWork, BackgroundWorkFragment } from './background-work';
import { StatusBar } from './status-bar';

const DashboardQuery = memberOf(
  [pulseQueries],
  graphql(
    `
    query StaffDashboard {
      dashboard {
        customers
        billsToday
        dueNow
        oldestDueAt
        runningRuns
        openDeadLetters
        ...BackgroundWork
        accountsByStatus { status count }
        deliveries24h { status count }
        providersInTrouble {
          id
          name
          status
          statusReason
          health { circuit circuitReason accounts }
        }
      }
      failedDocuments(first: 1) { totalCount }
      fetchRuns(first: 6) { nodes { id ...RunRows } }
    }
  `,
    [RunRowsFragment, BackgroundWorkFragment],
  ),
);

type Dashboard = ResultOf<typeof DashboardQuery>['dashboard'];

/** Time passes without events: what is due changes by itself. */
const ASK_AGAIN_MS = 15_000;

export function DashboardPage() {
  const t = useWords();
  const [result, execute] = useQuery({ query: DashboardQuery });
  useLive(['bill.received', 'account.updated', 'provider.updated', 'fetch_run.progress'], [DashboardQuery]);
  useAskAgain(execute, ASK_AGAIN_MS);
  return (
    <Page title={t('dashboard.title')} width={1240}>
      <QueryState
        result={result}
        data={result.data}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
        skeleton={
          <Stack aria-busy="true">
            <SimpleGrid cols={{ base: 2, md: 4 }}>
              {['customers', 'bills', 'due', 'running'].map((tile) => (
                <Skeleton key={tile} height={104} radius="lg" />
              ))}
            </SimpleGrid>
            <RowsSkeleton rows={3} height={120} />
          </Stack>
        }
      >
        {({ dashboard, failedDocuments, fetchRuns }) => (
          <Stack gap="lg">
            {dashboard.openDeadLetters > 0 ? <Letters count={dashboard.openDeadLetters} /> : null}
            {failedDocuments.totalCount > 0 ? <Documents count={failedDocuments.totalCount} /> : null}
            <Figures dashboard={dashboard} />
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, md: 7 }}>
                <Accounts dashboard={dashboard} />
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 5 }}>
                <Deliveries dashboard={dashboard} />
              </Grid.Col>
            </Grid>
            <Trouble providers={dashboard.providersInTrouble} />
            <BackgroundWork dashboard={dashboard} />
            <Section
              bare
              title={t('dashboard.recentRuns')}
              actions={
                <AnchorLink to="/staff/runs" size="sm" fw={600}>
                  {t('dashboard.allRuns')}
                </AnchorLink>
              }
            >
              {fetchRuns.nodes.length === 0 ? (
                <Card>
                  <Group justify="space-between">
                    <Text size="sm" c="dimmed">
                      {t('dashboard.noRuns')} {t('dashboard.empty')}
                    </Text>
                    <ButtonLink to="/staff/providers" size="sm" variant="light" leftSection={<IconPlus size={17} />}>
                      {t('nav.providers')}
                    </ButtonLink>
                  </Group>
                </Card>
              ) : (
                <RunRows runs={fetchRuns.nodes} />
              )}
            </Section>
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Letters({ count }: { readonly count: number }) {
  const t = useWords();
  return (
    <Alert color="coral" radius="lg" icon={<IconMailX />} title={t('dashboard.letters', { count })}>
      <Text size="sm">{t('dashboard.lettersBody')}</Text>
      <AnchorLink to="/staff/dead-letters" size="sm" fw={600}>
        {t('dashboard.lettersLink')}
      </AnchorLink>
    </Alert>
  );
}

function Documents({ count }: { readonly count: number }) {
  const t = useWords();
  return (
    <Alert color="coral" radius="lg" icon={<IconFileX />} title={t('documents.waiting', { count })}>
      <Text size="sm">{t('documents.waitingBody')}</Text>
      <AnchorLink to="/staff/payments" search={{ tab: 'documents' }} size="sm" fw={600}>
        {t('documents.waitingLink')}
      </AnchorLink>
    </Alert>
  );
}

function Figures({ dashboard }: { readonly dashboard: Dashboard }) {
  const t = useWords();
  const format = useFormat();
  const { oldestDueAt } = dashboard;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <CardLink to="/staff/customers" className="bw-link-card">
        <Figure label={t('dashboard.customers')} value={dashboard.customers} />
      </CardLink>
      <Card>
        <Figure label={t('dashboard.billsToday')} value={dashboard.billsToday} hint={t('dashboard.billsTodayHint')} />
      </Card>
      <Card>
        <Figure
          label={t('dashboard.dueNow')}
          value={dashboard.dueNow}
          hint={oldestDueAt ? t('dashboard.oldest', { when: format.relative(oldestDueAt) }) : t('dashboard.nothingDue')}
        />
      </Card>
      <CardLink to="/staff/runs" className="bw-link-card">
        <Figure label={t('dashboard.running')} value={dashboard.runningRuns} hint={t('dashboard.runningHint')} />
      </CardLink>
    </SimpleGrid>
  );
}

function Figure({ label, value, hint }: { readonly label: string; readonly value: number; readonly hint?: string }) {
  const format = useFormat();
  return (
    <Stack gap={2}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={30} fw={700} lh={1.15} className="bw-amount" style={{ letterSpacing: '-0.02em' }}>
        {format.number(value)}
      </Text>
      <Text size="xs" c="dimmed">
        {hint ?? ' '}
      </Text>
    </Stack>
  );
}

function Counted({
  children,
  count,
  link,
}: {
  readonly children: ReactNode;
  readonly count: number;
  readonly link?: ReactNode;
}) {
  const format = useFormat();
  return (
    <Group justify="space-between" wrap="nowrap">
      {children}
      <Group gap="sm" wrap="nowrap">
        <Text size="sm" fw={600} className="bw-amount">
          {format.number(count)}
        </Text>
        {link}
      </Group>
    </Group>
  );
}

function Accounts({ dashboard }: { readonly dashboard: Dashboard }) {
  const t = useWords();
  const counts = dashboard.accountsByStatus.map(({ status, count }) => ({
    status: status as Enum<'AccountStatus'>,
    count,
  }));
  return (
    <Section title={t('dashboard.accounts')}>
      {counts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('dashboard.noAccounts')}
        </Text>
      ) : (
        <>
          <StatusBar
            parts={counts.map(({ status, count }) => ({
              key: status,
              count,
              color: accountLooks[status]?.color ?? 'gray',
            }))}
          />
          <Stack gap="xs">
            {counts.map(({ status, count }) => (
              <Counted
                key={status}
                count={count}
                link={
                  <AnchorLink
                    to="/staff/accounts"
                    search={{ status }}
                    size="sm"
                    aria-label={`${t('list.open')}: ${status}`}
                  >
                    {t('list.open')}
                  </AnchorLink>
                }
              >
                <AccountStatus status={status} />
              </Counted>
            ))}
          </Stack>
        </>
      )}
    </Section>
  );
}

function Deliveries({ dashboard }: { readonly dashboard: Dashboard }) {
  const t = useWords();
  const counts = dashboard.deliveries24h.map(({ status, count }) => ({
    status: status as Enum<'DeliveryStatus'>,
    count,
  }));
  return (
    <Section title={t('dashboard.deliveries')}>
      {counts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('dashboard.noDeliveries')}
        </Text>
      ) : (
        <>
          <StatusBar
            parts={counts.map(({ status, count }) => ({
              key: status,
              count,
              color: deliveryLooks[status]?.color ?? 'gray',
            }))}
          />
          <Stack gap="xs">
            {counts.map(({ status, count }) => (
              <Counted key={status} count={count}>
                <DeliveryState status={status} />
              </Counted>
            ))}
          </Stack>
        </>
      )}
    </Section>
  );
}

function Trouble({ providers }: { readonly providers: Dashboard['providersInTrouble'] }) {
  const t = useWords();
  if (providers.length === 0) {
    return (
      <Card>
        <Group gap="sm" wrap="nowrap">
          <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden="true" />
          <Text size="sm">{t('dashboard.noTrouble')}</Text>
        </Group>
      </Card>
    );
  }
  return (
    <Section title={t('dashboard.trouble')}>
      <Stack gap="md">
        {providers.map((provider) => (
          <Group key={provider.id} justify="space-between" align="flex-start" gap="xs">
            <Stack gap={2} style={{ minWidth: 0, flex: '1 1 260px' }}>
              <AnchorLink to="/staff/providers/$providerId" params={{ providerId: provider.id }} fw={600}>
                {provider.name}
              </AnchorLink>
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {provider.health?.circuitReason ?? provider.statusReason}
              </Text>
            </Stack>
            <Group gap="xs">
              {provider.status === 'PAUSED' ? <ProviderStatus status="PAUSED" /> : null}
              {provider.health && provider.health.circuit !== 'CLOSED' ? (
                <Circuit state={provider.health.circuit} />
              ) : null}
            </Group>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
