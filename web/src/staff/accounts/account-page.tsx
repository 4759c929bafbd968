import { Alert, Button, Card, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconReceipt2, IconRefresh } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from 'urql';
import { RechargeStatus } from '@/entities/recharge/recharge-status';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { CardsSkeleton, EmptyState, QueryState } from '@/shared/ui/states';
import { BillList, BillsQuery } from '../bills/bill-list';
import { openRecordBill } from '../bills/record-bill';
import { AttemptFragment, useAttemptColumns } from '../runs/attempt-rows';
import { useLive } from '../ui/live';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { AccountStatus, Outcome } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { AccountActions } from './account-actions';
import { useFetchNow } from './fetch-live';

const AccountQuery = graphql(`
  query StaffAccount($id: ID!) {
    utilityAccount(id: $id) {
      id
      label
      identifierHint
      status
      statusReason
      nextFetchAt
      lastFetchedAt
      lastOutcome
      lastMessage
      createdAt
      currentRun { id status }
      customer { id name }
      property { id name }
      provider { id name currency prepaid schedule { description } }
      plan { code expiresOn balance { amountMinor currency } plan { id name } }
    }
  }
`);

const AttemptsQuery = graphql(
  `
    query StaffAccountAttempts($id: ID!, $first: Int!, $after: String) {
      utilityAccount(id: $id) {
        id
        fetchAttempts(first: $first, after: $after) {
          nodes { id ...StaffAttempt }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [AttemptFragment],
);

const RechargesQuery = graphql(`
  query StaffAccountRecharges($id: ID!, $first: Int!, $after: String) {
    utilityAccount(id: $id) {
      id
      recharges(first: $first, after: $after) {
        nodes {
          id
          name
          code
          number
          status
          statusReason
          createdAt
          amount { amountMinor currency }
          payment { id customer { id name } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Account = NonNullable<ResultOf<typeof AccountQuery>['utilityAccount']>;

export function AccountPage() {
  const { accountId } = useParams({ from: '/signed-in/staff/accounts/$accountId' });
  const t = useWords();
  const [result, execute] = useQuery({ query: AccountQuery, variables: { id: accountId } });
  const account = result.data?.utilityAccount;
  const attempts = usePagedQuery(
    AttemptsQuery,
    { id: accountId, first: PAGE_SIZE },
    (data) => data.utilityAccount?.fetchAttempts.pageInfo,
  );
  const refresh = () => {
    execute({ requestPolicy: 'network-only' });
    attempts.retry();
  };
  const { button, progress } = useFetchNow({ utilityAccountId: accountId }, account?.currentRun?.id, refresh);
  useLive(
    ['account.updated', 'recharge.updated', 'bill.received', 'bill.updated'],
    [AccountQuery, AttemptsQuery, BillsQuery, RechargesQuery],
    (event) => event.subject === accountId || event.customerId === account?.customer.id,
  );
  const alive = account && account.status !== 'CLOSED';
  return (
    <Page
      up={account ? `/staff/customers/${account.customer.id}` : '/staff/accounts'}
      width={1240}
      title={account?.label ?? t('accounts.account')}
      subtitle={
        account ? (
          <>
            <AnchorLink
              to="/staff/customers/$customerId"
              params={{ customerId: account.customer.id }}
              size="sm"
              underline="always"
            >
              {account.customer.name}
            </AnchorLink>
            {` · ${account.provider.name} ${account.identifierHint}`}
          </>
        ) : undefined
      }
      actions={
        account && alive ? (
          <>
            {button}
            <AccountActions account={account} />
          </>
        ) : null
      }
    >
      <QueryState result={result} data={account} onRetry={refresh} skeleton={<CardsSkeleton heights={[150, 260]} />}>
        {(loaded) => (
          <Stack gap="lg">
            {progress}
            {loaded.status === 'NEEDS_ATTENTION' && loaded.statusReason ? (
              <Alert color="coral" radius="lg" icon={<IconAlertTriangle />}>
                {loaded.statusReason}
              </Alert>
            ) : null}
            <Facts account={loaded} />
            <Lists account={loaded} attempts={attempts} />
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

interface ListsProps {
  readonly account: Account;
  readonly attempts: ReturnType<
    typeof usePagedQuery<ResultOf<typeof AttemptsQuery>, { id: string; first: number; after?: string | null }>
  >;
}

function Lists({ account, attempts }: ListsProps) {
  const t = useWords();
  const [tab, setTab] = useState<string | null>('bills');
  const columns = useAttemptColumns({ withAccount: false });
  const nodes = attempts.result.data?.utilityAccount?.fetchAttempts.nodes;
  return (
    <Tabs value={tab} onChange={setTab} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="bills">{t('accounts.bills')}</Tabs.Tab>
        {account.provider.prepaid ? <Tabs.Tab value="recharges">{t('accounts.recharges')}</Tabs.Tab> : null}
        <Tabs.Tab value="attempts">{t('accounts.attempts')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="bills">
        <Stack gap="sm">
          <Group justify="flex-end">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconReceipt2 size={16} />}
              onClick={() =>
                openRecordBill(t, {
                  id: account.id,
                  label: `${account.label} (${account.provider.name})`,
                  currency: account.provider.currency,
                })
              }
            >
              {t('accounts.record')}
            </Button>
          </Group>
          <BillList utilityAccountId={account.id} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="recharges">
        <Recharges accountId={account.id} />
      </Tabs.Panel>
      <Tabs.Panel value="attempts">
        <PagedRows
          list={attempts}
          rows={nodes ? readFragment(AttemptFragment, nodes) : undefined}
          columns={columns}
          rowKey={({ id }) => id}
          label={t('accounts.attempts')}
          empty={
            <EmptyState icon={<IconRefresh size={32} />} title={t('accounts.noAttempts')}>
              {t('accounts.noAttemptsBody')}
            </EmptyState>
          }
        />
      </Tabs.Panel>
    </Tabs>
  );
}

type Recharge = NonNullable<ResultOf<typeof RechargesQuery>['utilityAccount']>['recharges']['nodes'][number];

function Recharges({ accountId }: { readonly accountId: string }) {
  const t = useWords();
  const format = useFormat();
  const list = usePagedQuery(
    RechargesQuery,
    { id: accountId, first: PAGE_SIZE },
    (data) => data.utilityAccount?.recharges.pageInfo,
  );
  const columns: Column<Recharge>[] = [
    {
      key: 'plan',
      label: t('accounts.plan'),
      cell: ({ name, code, number }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {[code, number].join(' · ')}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'status',
      label: t('payments.status'),
      cell: ({ status, statusReason }) => (
        <Stack gap={2} align="flex-start">
          <RechargeStatus status={status} />
          {statusReason ? (
            <Text size="xs" c="dimmed">
              {statusReason}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'payment',
      label: t('payments.payment'),
      cell: ({ payment, createdAt }) =>
        payment ? (
          <Stack gap={0}>
            <AnchorLink to="/staff/payments/$paymentId" params={{ paymentId: payment.id }} size="sm">
              {payment.customer.name}
            </AnchorLink>
            <Text size="xs" c="dimmed">
              {format.instant(createdAt)}
            </Text>
          </Stack>
        ) : (
          format.instant(createdAt)
        ),
    },
    {
      key: 'amount',
      label: t('bills.amount'),
      right: true,
      cell: ({ amount }) => <Amount money={amount} size="sm" fw={600} />,
    },
  ];
  return (
    <PagedRows
      list={list}
      rows={list.result.data?.utilityAccount?.recharges.nodes}
      columns={columns}
      rowKey={({ id }) => id}
      label={t('accounts.recharges')}
      empty={
        <EmptyState icon={<IconReceipt2 size={32} />} title={t('accounts.noRecharges')}>
          {t('accounts.noRechargesBody')}
        </EmptyState>
      }
    />
  );
}

function Facts({ account }: { readonly account: Account }) {
  const t = useWords();
  const format = useFormat();
  const { plan } = account;
  return (
    <Card>
      <Stack>
        <AccountStatus status={account.status} />
        <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 4 }} m={0}>
          <Fact label={t('accounts.last')}>
            <Group gap={6} component="span">
              <When at={account.lastFetchedAt} />
              {account.lastOutcome ? <Outcome outcome={account.lastOutcome} /> : null}
            </Group>
          </Fact>
          <Fact label={t('accounts.next')}>
            {account.nextFetchAt ? format.instant(account.nextFetchAt) : t('accounts.notPlanned')}
          </Fact>
          <Fact label={t('accounts.provider')}>
            <AnchorLink to="/staff/providers/$providerId" params={{ providerId: account.provider.id }} size="sm">
              {account.provider.name}
            </AnchorLink>
          </Fact>
          <Fact label={t('accounts.identifier')}>{account.identifierHint}</Fact>
          <Fact label={t('accounts.home')}>
            {account.property ? (
              <AnchorLink to="/staff/homes/$homeId" params={{ homeId: account.property.id }} size="sm">
                {account.property.name}
              </AnchorLink>
            ) : (
              t('accounts.noHome')
            )}
          </Fact>
          <Fact label={t('accounts.schedule')}>{account.provider.schedule.description}</Fact>
          <Fact label={t('accounts.since')}>{format.instant(account.createdAt, { dateStyle: 'medium' })}</Fact>
          {plan ? (
            <Fact label={t('accounts.plan')}>
              {plan.plan?.name ?? plan.code}
              <Text span size="xs" c="dimmed" display="block">
                {plan.expiresOn ? t('accounts.planEnds', { day: format.day(plan.expiresOn) }) : null}
                {plan.balance ? (
                  <>
                    {' · '}
                    <Amount money={plan.balance} size="xs" />
                  </>
                ) : null}
              </Text>
            </Fact>
          ) : null}
        </SimpleGrid>
        {account.lastMessage ? (
          <Stack gap={2}>
            <Text size="xs" c="dimmed">
              {t('accounts.lastMessage')}
            </Text>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {account.lastMessage}
            </Text>
          </Stack>
        ) : null}
      </Stack>
    </Card>
  );
}
