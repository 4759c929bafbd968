import {
  ActionIcon,
  Alert,
  Box,
  Button,
  Card,
  Grid,
  Menu,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconAlertTriangle,
  IconCircleX,
  IconDots,
  IconEdit,
  IconPlayerPause,
  IconPlayerPlay,
  IconReceipt,
} from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { AccountStatus } from '@/entities/account/account-status';
import { useAccountStatusActions } from '@/entities/account/account-status-actions';
import { BillCard, BillCardFragment } from '@/entities/bill/bill-card';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { accountQueries, billQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { capitalised } from '@/shared/lib/text';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { toastErrors } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { PrepaidCard, PrepaidFragment } from '../prepaid-card';
import { AccountEditor, AccountEditorFragment } from './account-editor';
import { FetchAttempts, FetchAttemptsFragment } from './fetch-attempts';
import { FetchNow } from './fetch-now';
import { RechargePlans, RechargePlansFragment } from './recharge-plans';
import { Recharges, RechargesFragment } from './recharges';

const AccountDetailQuery = memberOf(
  [billQueries, accountQueries],
  graphql(
    `
    query AccountDetail($id: ID!, $first: Int!) {
      utilityAccount(id: $id) {
        id
        label
        utilityType
        identifierHint
        status
        statusReason
        nextFetchAt
        lastFetchedAt
        lastOutcome
        property { id name }
        currentRun { id status }
        provider { id name prepaid schedule { description } }
        bills(first: $first) { nodes { id ...BillCard } }
        ...Recharges
        ...Prepaid
        ...RechargePlans
        ...FetchAttempts
        ...AccountEditor
      }
    }
  `,
    [
      BillCardFragment,
      PrepaidFragment,
      RechargePlansFragment,
      RechargesFragment,
      FetchAttemptsFragment,
      AccountEditorFragment,
    ],
  ),
);

const SHOWN_BILLS = 6;

type Account = NonNullable<ResultOf<typeof AccountDetailQuery>['utilityAccount']>;

export function AccountPage() {
  const { accountId } = useParams({ from: '/signed-in/portal/accounts/$accountId' });
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const [result, execute] = useQuery({ query: AccountDetailQuery, variables: { id: accountId, first: PAGE_SIZE } });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const account = result.data?.utilityAccount;
  return (
    <Page
      up="/accounts"
      width={1000}
      title={account?.label ?? t('accounts.title')}
      subtitle={account ? [account.provider.name, account.identifierHint].join(' · ') : undefined}
      actions={account ? <Actions account={account} onEdit={() => setEditing(true)} /> : null}
    >
      <QueryState
        result={result}
        data={account}
        onRetry={refresh}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={140} radius="lg" />
            <RowsSkeleton rows={4} />
          </Stack>
        }
      >
        {(loaded) => (
          <>
            <Detail account={loaded} onChanged={refresh} onEdit={() => setEditing(true)} />
            <AccountEditor
              account={loaded}
              opened={editing}
              onClose={() => setEditing(false)}
              onSaved={() => {
                setEditing(false);
                refresh();
              }}
            />
          </>
        )}
      </QueryState>
    </Page>
  );
}

function Actions({ account, onEdit }: { readonly account: Account; readonly onEdit: () => void }) {
  const { t } = useTranslation();
  const { pause, resume, close } = useAccountStatusActions(account.id);
  const tell = ({ userErrors }: { userErrors: Parameters<typeof toastErrors>[0] }) =>
    toastErrors(userErrors, t('errors.title'));

  const confirm = (title: string, body: string, confirmLabel: string, onConfirm: () => void) =>
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{body}</Text>,
      labels: { confirm: confirmLabel, cancel: t('common.cancel') },
      onConfirm,
    });

  if (account.status === 'CLOSED') return null;
  return (
    <Menu position="bottom-end" width={220} radius="md" shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={t('accounts.detail.more')}>
          <IconDots size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconEdit size={18} />} onClick={onEdit}>
          {t('common.edit')}
        </Menu.Item>
        {account.status === 'PAUSED' ? (
          <Menu.Item leftSection={<IconPlayerPlay size={18} />} onClick={() => void resume().then(tell)}>
            {t('accounts.detail.resume')}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPause size={18} />}
            onClick={() =>
              confirm(
                t('accounts.detail.pauseTitle'),
                t('accounts.detail.pauseBody'),
                t('accounts.detail.pause'),
                () => void pause().then(tell),
              )
            }
          >
            {t('accounts.detail.pause')}
          </Menu.Item>
        )}
        <Menu.Item
          color="coral"
          leftSection={<IconCircleX size={18} />}
          onClick={() =>
            confirm(
              t('accounts.detail.closeTitle'),
              t('accounts.detail.closeBody'),
              t('accounts.detail.close'),
              () => void close().then(tell),
            )
          }
        >
          {t('accounts.detail.close')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface DetailProps {
  readonly account: Account;
  readonly onChanged: () => void;
  readonly onEdit: () => void;
}

function Detail({ account, onChanged, onEdit }: DetailProps) {
  const { t } = useTranslation();
  // Bills are rare for prepaid accounts, but there may be some.
  const bills = account.bills.nodes;
  const mendable = account.lastOutcome === 'NOT_FOUND' || account.lastOutcome === 'NEEDS_CUSTOMER';
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          {account.status === 'NEEDS_ATTENTION' ? (
            <Alert color="coral" radius="lg" icon={<IconAlertTriangle />} title={t('accounts.detail.attention')}>
              <Stack gap="sm" align="flex-start">
                <Text size="sm">
                  {account.statusReason ??
                    (account.lastOutcome ? t(`enums.fetchOutcome.${account.lastOutcome}`) : null)}
                </Text>
                {mendable ? (
                  <Button size="sm" onClick={onEdit}>
                    {t('accounts.test.mend')}
                  </Button>
                ) : null}
              </Stack>
            </Alert>
          ) : null}
          <Facts account={account} onChanged={onChanged} />
          <PrepaidCard account={account} inside />
          {account.provider.prepaid ? <RechargePlans account={account} /> : null}
          <Recharges account={account} />
          {account.provider.prepaid && bills.length === 0 ? null : <Bills account={account} bills={bills} />}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack>
          <FetchAttempts account={account} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

interface BillsProps {
  readonly account: Account;
  readonly bills: Account['bills']['nodes'];
}

function Bills({ account, bills }: BillsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Title order={2} mt="xs">
        {t('accounts.detail.bills')}
      </Title>
      {bills.length === 0 ? (
        <Card>
          <EmptyState icon={<IconReceipt size={32} />} title={t('bills.emptyTitle')}>
            {t('accounts.detail.noBills')}
          </EmptyState>
        </Card>
      ) : (
        <>
          {bills.slice(0, SHOWN_BILLS).map((bill) => (
            <BillCard key={bill.id} bill={bill} />
          ))}
          {bills.length > SHOWN_BILLS ? (
            <ButtonLink to="/bills" search={{ provider: account.provider.id }} variant="default">
              {t('accounts.detail.allBills')}
            </ButtonLink>
          ) : null}
        </>
      )}
    </>
  );
}

function Facts({ account, onChanged }: { readonly account: Account; readonly onChanged: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const alive = account.status !== 'CLOSED' && account.status !== 'PAUSED';
  return (
    <Card>
      <Stack>
        <Box
          style={{ display: 'flex', gap: 12, alignItems: 'center', justifyContent: 'space-between', flexWrap: 'wrap' }}
        >
          <AccountStatus status={account.status} />
          {alive ? (
            <FetchNow accountId={account.id} currentRunId={account.currentRun?.id} onFinished={onChanged} />
          ) : null}
        </Box>
        <SimpleGrid component="dl" cols={2} spacing="md" m={0}>
          <Fact label={t('accounts.detail.lastFetch')}>
            {account.lastFetchedAt ? format.relative(account.lastFetchedAt) : t('accounts.detail.never')}
            {account.lastOutcome ? (
              <Text span size="xs" c="dimmed" display="block">
                {t(`enums.fetchOutcome.${account.lastOutcome}`)}
              </Text>
            ) : null}
          </Fact>
          <Fact label={t('accounts.detail.nextFetch')}>
            {account.nextFetchAt && alive ? format.instant(account.nextFetchAt) : t('accounts.detail.notPlanned')}
          </Fact>
          <Fact label={t('accounts.detail.schedule')}>
            {capitalised(account.provider.schedule.description, format.locale)}
          </Fact>
          <Fact label={t('accounts.detail.home')}>
            {account.property ? (
              <AnchorLink to="/homes/$homeId" params={{ homeId: account.property.id }} size="sm">
                {account.property.name}
              </AnchorLink>
            ) : (
              t('accounts.wizard.noHome')
            )}
          </Fact>
        </SimpleGrid>
      </Stack>
    </Card>
  );
}
