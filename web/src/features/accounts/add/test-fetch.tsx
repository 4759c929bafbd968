import { Button, Card, Group, Loader, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { type Icon, IconAlertTriangle, IconCheck, IconClock } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useFetchRun } from '@/entities/account/fetch-run';
import { BillCard, BillCardFragment } from '@/entities/bill/bill-card';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { ButtonLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { PrepaidCard, PrepaidFragment } from '../prepaid-card';

const FirstFetchQuery = graphql(
  `
    query FirstFetch($id: ID!) {
      utilityAccount(id: $id) {
        id
        label
        status
        statusReason
        lastOutcome
        lastFetchedAt
        provider { id name }
        bills(first: 20) { nodes { id ...BillCard } }
        ...Prepaid
      }
    }
  `,
  [BillCardFragment, PrepaidFragment],
);

const FetchAgain = graphql(`
  mutation FetchAgain($input: FetchBillsInput!) {
    fetchBills(input: $input) {
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

type Account = NonNullable<ResultOf<typeof FirstFetchQuery>['utilityAccount']>;

interface Props {
  readonly accountId: string;
  readonly runId: string | undefined;
  readonly onRun: (runId: string) => void;
  readonly onMend: () => void;
  readonly onAnother: () => void;
}

/** The first fetch of a new account, watched live, and what came of it. */
export function TestFetch({ accountId, runId, onRun, onMend, onAnother }: Props) {
  const { t } = useTranslation();
  const { run, running } = useFetchRun(runId);
  const [{ data }, refresh] = useQuery({ query: FirstFetchQuery, variables: { id: accountId } });
  const [fetchAgain, again] = useAction(FetchAgain);
  const account = data?.utilityAccount;

  useEffect(() => {
    if (!running) refresh({ requestPolicy: 'network-only' });
  }, [running, refresh]);

  const tryAgain = async () => {
    const { payload, userErrors } = await fetchAgain({ input: { utilityAccountId: accountId } });
    toastErrors(userErrors, t('accounts.detail.fetchFailed'));
    if (payload?.fetchRun) onRun(payload.fetchRun.id);
  };

  if (!account || running) {
    return (
      <Running
        provider={account?.provider.name ?? '…'}
        share={run && run.total > 0 ? (run.done / run.total) * 100 : 0}
      />
    );
  }
  return (
    <Stack>
      <Outcome account={account} onMend={onMend} onAgain={() => void tryAgain()} busy={again} />
      <Group justify="center" mt="md">
        <ButtonLink to="/accounts/$accountId" params={{ accountId }} variant="default">
          {t('accounts.test.viewAccount')}
        </ButtonLink>
        <Button variant="default" onClick={onAnother}>
          {t('accounts.test.another')}
        </Button>
        <ButtonLink to="/settings/notifications" variant="light">
          {t('accounts.test.next')}
        </ButtonLink>
      </Group>
    </Stack>
  );
}

function Running({ provider, share }: { readonly provider: string; readonly share: number }) {
  const { t } = useTranslation();
  return (
    <Card p={{ base: 'md', sm: 'xl' }}>
      <Stack align="center" ta="center" role="status" aria-live="polite">
        <Loader type="dots" size="lg" />
        <Title order={2}>{t('accounts.test.running', { provider })}</Title>
        <Stack gap={6} align="flex-start">
          <Step done>{t('accounts.test.steps.added')}</Step>
          <Step done={share > 0}>{t('accounts.test.steps.asked')}</Step>
          <Step done={share >= 100}>{t('accounts.test.steps.bills')}</Step>
        </Stack>
        <Text size="sm" c="dimmed" maw={380}>
          {t('accounts.test.runningHint')}
        </Text>
      </Stack>
    </Card>
  );
}

function Step({ done, children }: { readonly done: boolean; readonly children: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <ThemeIcon size={20} radius="xl" variant={done ? 'filled' : 'light'} color={done ? 'teal' : 'gray'}>
        {done ? <IconCheck size={13} /> : <IconClock size={13} />}
      </ThemeIcon>
      <Text size="sm" {...(done ? {} : { c: 'dimmed' })}>
        {children}
      </Text>
    </Group>
  );
}

interface OutcomeProps {
  readonly account: Account;
  readonly onMend: () => void;
  readonly onAgain: () => void;
  readonly busy: boolean;
}

function Outcome({ account, onMend, onAgain, busy }: OutcomeProps) {
  const { t } = useTranslation();
  const provider = account.provider.name;
  const bills = account.bills.nodes;
  if (bills.length > 0) {
    return (
      <Result icon={IconCheck} color="teal" title={t('accounts.test.foundTitle', { count: bills.length })}>
        <Stack w="100%" ta="left">
          {bills.slice(0, 3).map((bill) => (
            <BillCard key={bill.id} bill={bill} />
          ))}
          <PrepaidCard account={account} />
        </Stack>
      </Result>
    );
  }
  switch (account.lastOutcome) {
    case 'NOT_FOUND':
    case 'NEEDS_CUSTOMER':
      return (
        <Result
          icon={IconAlertTriangle}
          color="coral"
          title={t(`enums.fetchOutcome.${account.lastOutcome}`)}
          text={account.statusReason ?? undefined}
        >
          <Button onClick={onMend}>{t('accounts.test.mend')}</Button>
          <Button variant="subtle" onClick={onAgain} loading={busy}>
            {t('accounts.test.again')}
          </Button>
        </Result>
      );
    case 'PENDING':
      return (
        <Result
          icon={IconClock}
          color="tide"
          title={t('accounts.test.pendingTitle', { provider })}
          text={t('accounts.test.pending')}
        />
      );
    case 'RETRYABLE':
    case 'BROKEN':
      return (
        <Result
          icon={IconAlertTriangle}
          color="orange"
          title={t('accounts.test.retryTitle', { provider })}
          text={account.statusReason ?? t('accounts.test.retry')}
        >
          <Button variant="light" onClick={onAgain} loading={busy}>
            {t('accounts.test.again')}
          </Button>
        </Result>
      );
    default:
      return (
        <Result icon={IconCheck} color="teal" title={t('accounts.test.noneTitle')} text={t('accounts.test.none')}>
          <PrepaidCard account={account} />
        </Result>
      );
  }
}

interface ResultProps {
  readonly icon: Icon;
  readonly color: string;
  readonly title: string;
  readonly text?: string | undefined;
  readonly children?: React.ReactNode;
}

function Result({ icon: Glyph, color, title, text, children }: ResultProps) {
  return (
    <Card p={{ base: 'md', sm: 'xl' }}>
      <Stack align="center" ta="center" role="status">
        <ThemeIcon size={60} radius={30} color={color} variant="light">
          <Glyph size={32} />
        </ThemeIcon>
        <Title order={2}>{title}</Title>
        {text ? <Text c="dimmed">{text}</Text> : null}
        {children}
      </Stack>
    </Card>
  );
}
