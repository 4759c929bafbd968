import { Button, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useQuery } from 'urql';
import { useFetchRun } from '@/entities/account/fetch-run';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState } from '@/shared/ui/states';
import { Actor } from '../audit/actor';
import { ask } from '../ui/ask';
import { PagedRows } from '../ui/paged-rows';
import { Section } from '../ui/section';
import { RunState } from '../ui/statuses';
import { useDuration } from '../ui/when';
import { useWords } from '../words';
import { AttemptFragment, useAttemptColumns } from './attempt-rows';
import { RunProgress } from './run-progress';
import { FoundBills, runName } from './run-rows';

const RunQuery = graphql(`
  query StaffRun($id: ID!) {
    fetchRun(id: $id) {
      id
      kind
      status
      total
      done
      failed
      billsNew
      billsChanged
      createdAt
      finishedAt
      requestedBy
      requestedByName
      provider { id name }
      utilityAccount { id label }
    }
  }
`);

const RunAttemptsQuery = graphql(
  `
    query StaffRunAttempts($id: ID!, $first: Int!, $after: String) {
      fetchRun(id: $id) {
        id
        attempts(first: $first, after: $after) {
          nodes { id ...StaffAttempt }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [AttemptFragment],
);

const CancelRun = graphql(`
  mutation StaffCancelRun($input: CancelFetchRunInput!) {
    cancelFetchRun(input: $input) {
      fetchRun { id status finishedAt }
      userErrors { code message path }
    }
  }
`);

type Run = NonNullable<ResultOf<typeof RunQuery>['fetchRun']>;

export function RunPage() {
  const { runId } = useParams({ from: '/signed-in/staff/runs/$runId' });
  const t = useWords();
  const [result, execute] = useQuery({ query: RunQuery, variables: { id: runId } });
  const [cancel] = useAction(CancelRun);
  // Keeps the counts moving: the stream writes them into the cache that the query above reads.
  const { running } = useFetchRun(runId);
  const run = result.data?.fetchRun;
  return (
    <Page
      up="/staff/runs"
      width={1240}
      title={run ? runName(t, run) : t('runs.runTitle')}
      subtitle={run ? t(`enums.runKind.${run.kind}`) : undefined}
      actions={
        run && running ? (
          <Button
            size="sm"
            variant="default"
            leftSection={<IconBan size={17} />}
            onClick={() =>
              ask({
                title: t('runs.cancelTitle'),
                body: t('runs.cancelBody'),
                confirm: t('runs.cancel'),
                danger: true,
                run: () => cancel({ input: { fetchRunId: run.id } }),
                done: t('runs.cancelled'),
              })
            }
          >
            {t('runs.cancel')}
          </Button>
        ) : null
      }
    >
      <QueryState
        result={result}
        data={run}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
        skeleton={<Skeleton height={160} radius="lg" aria-busy="true" />}
      >
        {(loaded) => (
          <Stack gap="lg">
            <Progress run={loaded} />
            <Attempts run={loaded} />
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Progress({ run }: { readonly run: Run }) {
  const t = useWords();
  const format = useFormat();
  const duration = useDuration();
  const took = run.finishedAt ? new Date(run.finishedAt).getTime() - new Date(run.createdAt).getTime() : undefined;
  const done = t('runs.done', { done: format.number(run.done), total: format.number(run.total) });
  return (
    <RunProgress
      run={run}
      state={<RunState status={run.status} failed={run.failed} />}
      words={took === undefined ? done : [done, t('runs.took', { time: duration(took) })].join(', ')}
      aside={<FoundBills run={run} />}
    >
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} m={0}>
        <Fact label={t('runs.started')}>{format.instant(run.createdAt)}</Fact>
        <Fact label={t('runs.by')}>
          <Actor id={run.requestedBy} name={run.requestedByName} />
        </Fact>
        {run.provider ? (
          <Fact label={t('runs.provider')}>
            <AnchorLink to="/staff/providers/$providerId" params={{ providerId: run.provider.id }} size="sm">
              {run.provider.name}
            </AnchorLink>
          </Fact>
        ) : null}
        {run.utilityAccount ? (
          <Fact label={t('runs.account')}>
            <AnchorLink to="/staff/accounts/$accountId" params={{ accountId: run.utilityAccount.id }} size="sm">
              {run.utilityAccount.label}
            </AnchorLink>
          </Fact>
        ) : null}
      </SimpleGrid>
    </RunProgress>
  );
}

function Attempts({ run }: { readonly run: Run }) {
  const t = useWords();
  const columns = useAttemptColumns({ withAccount: true });
  const list = usePagedQuery(
    RunAttemptsQuery,
    { id: run.id, first: PAGE_SIZE },
    (data) => data.fetchRun?.attempts.pageInfo,
  );
  const retry = useRef(list.retry);
  useEffect(() => {
    retry.current = list.retry;
  });
  const asked = useRef(run.done);
  useEffect(() => {
    if (asked.current === run.done) return;
    asked.current = run.done;
    retry.current();
  }, [run.done]);
  const attempts = list.result.data?.fetchRun?.attempts.nodes;
  return (
    <Section bare title={t('runs.attempts')}>
      <PagedRows
        list={list}
        rows={attempts ? readFragment(AttemptFragment, attempts) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('runs.attempts')}
        empty={<EmptyState icon={<IconRefresh size={32} />} title={t('runs.noAttempts')} />}
      />
    </Section>
  );
}
