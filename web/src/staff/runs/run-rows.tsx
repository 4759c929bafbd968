import { Group, Progress, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { EmptyState } from '@/shared/ui/states';
import { PagedRows, type PagedRowsProps } from '../ui/paged-rows';
import { type Column, opensRow, Rows } from '../ui/rows';
import { RunState } from '../ui/statuses';
import { When } from '../ui/when';
import { type StaffWords, useWords } from '../words';

export const RunRowsFragment = graphql(`
  fragment RunRows on FetchRun {
    id
    kind
    status
    total
    done
    failed
    billsNew
    billsChanged
    createdAt
    provider { id name }
    utilityAccount { id label }
  }
`);

type Run = ResultOf<typeof RunRowsFragment>;

/** The name of a run: what was fetched. */
export function runName(t: StaffWords, run: Pick<Run, 'provider' | 'utilityAccount'>): string {
  if (run.utilityAccount) return [run.provider?.name, run.utilityAccount.label].filter(Boolean).join(' · ');
  return run.provider?.name ?? t('runs.manyProviders');
}

function runColumns(t: StaffWords): Column<Run>[] {
  return [
    {
      key: 'what',
      label: t('runs.what'),
      cell: (run) => (
        <Stack gap={0}>
          <AnchorLink to="/staff/runs/$runId" params={{ runId: run.id }} className={opensRow}>
            {runName(t, run)}
          </AnchorLink>
          <Text size="xs" c="dimmed">
            {t(`enums.runKind.${run.kind}`)}
          </Text>
        </Stack>
      ),
    },
    { key: 'state', label: t('runs.state'), cell: (run) => <RunState status={run.status} failed={run.failed} /> },
    { key: 'progress', label: t('runs.progress'), width: 190, cell: (run) => <RunBar run={run} /> },
    { key: 'bills', label: t('runs.bills'), cell: (run) => <FoundBills run={run} /> },
    { key: 'started', label: t('runs.started'), right: true, cell: (run) => <When at={run.createdAt} /> },
  ];
}

export function RunRows({ runs }: { readonly runs: readonly FragmentOf<typeof RunRowsFragment>[] }) {
  const t = useWords();
  return (
    <Rows
      columns={runColumns(t)}
      rows={readFragment(RunRowsFragment, runs)}
      rowKey={({ id }) => id}
      label={t('runs.title')}
    />
  );
}

/** Runs by cursor, newest first. */
export function RunList({
  list,
  runs,
}: {
  readonly list: PagedRowsProps<Run>['list'];
  readonly runs: readonly FragmentOf<typeof RunRowsFragment>[] | undefined;
}) {
  const t = useWords();
  return (
    <PagedRows
      list={list}
      rows={runs ? readFragment(RunRowsFragment, runs) : undefined}
      columns={runColumns(t)}
      rowKey={({ id }) => id}
      label={t('runs.title')}
      empty={
        <EmptyState icon={<IconRefresh size={32} />} title={t('runs.empty')}>
          {t('runs.emptyBody')}
        </EmptyState>
      }
    />
  );
}

type Counts = Pick<Run, 'total' | 'done' | 'failed' | 'billsNew' | 'billsChanged'>;

/** How far a run is: green what went well, red what failed. */
export function RunBar({
  run,
  size = 'sm',
}: {
  readonly run: Pick<Counts, 'total' | 'done' | 'failed'>;
  readonly size?: string;
}) {
  const share = (count: number) => (run.total === 0 ? 0 : (count / run.total) * 100);
  return (
    <Stack gap={4} w="100%" maw={size === 'lg' ? undefined : 190} miw={110}>
      <Progress.Root size={size} aria-hidden="true">
        <Progress.Section value={share(run.done - run.failed)} color="teal" />
        <Progress.Section value={share(run.failed)} color="coral" />
      </Progress.Root>
      {size === 'lg' ? null : (
        <Text size="xs" c="dimmed" className="bw-amount">
          {run.done} / {run.total}
        </Text>
      )}
    </Stack>
  );
}

export function FoundBills({ run }: { readonly run: Pick<Counts, 'failed' | 'billsNew' | 'billsChanged'> }) {
  const t = useWords();
  const parts = [
    run.billsNew > 0 ? t('runs.new', { count: run.billsNew }) : undefined,
    run.billsChanged > 0 ? t('runs.changed', { count: run.billsChanged }) : undefined,
  ].filter(Boolean);
  return (
    <Group gap={6}>
      <Text span size="sm" c={parts.length === 0 ? 'dimmed' : undefined}>
        {parts.length === 0 ? t('runs.none') : parts.join(', ')}
      </Text>
      {run.failed > 0 ? (
        <Text span size="sm" c="coral" fw={600}>
          {t('runs.failed', { count: run.failed })}
        </Text>
      ) : null}
    </Group>
  );
}
