import { Alert, Button, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconDatabaseImport, IconDownload, IconListCheck, IconTestPipe } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useClient, useQuery, useSubscription } from 'urql';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { download } from '@/shared/lib/csv';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState } from '@/shared/ui/states';
import { RunProgress } from '../runs/run-progress';
import { PagedRows } from '../ui/paged-rows';
import { Problems } from '../ui/problems';
import type { Column } from '../ui/rows';
import { ImportRowState, ImportState } from '../ui/statuses';
import { pageOf } from '../ui/subject-link';
import { useWords } from '../words';
import { fileOf, useStartImport } from './start-import';

const ImportFragment = graphql(`
  fragment StaffImportProgress on ImportRun {
    id
    status
    dryRun
    fileName
    total
    done
    failed
    createdAt
    finishedAt
  }
`);

const ImportQuery = graphql(
  `
    query StaffImportRun($id: ID!) {
      importRun(id: $id) { id ...StaffImportProgress }
    }
  `,
  [ImportFragment],
);

const ImportProgress = graphql(
  `
    subscription StaffImportProgress($id: ID!) {
      importProgress(id: $id) { cursor resync importRun { id ...StaffImportProgress } }
    }
  `,
  [ImportFragment],
);

const ImportRowsQuery = graphql(`
  query StaffImportRows($id: ID!, $status: ImportRowStatus, $first: Int!, $after: String) {
    importRun(id: $id) {
      id
      rows(status: $status, first: $first, after: $after) {
        nodes { row status data errors { code message path } result }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const RejectsQuery = graphql(`
  query StaffImportRejects($id: ID!) {
    importRun(id: $id) { id rejectCsv }
  }
`);

type Import = ResultOf<typeof ImportFragment>;
type Row = NonNullable<ResultOf<typeof ImportRowsQuery>['importRun']>['rows']['nodes'][number];

const route = getRouteApi('/signed-in/staff/imports/$importId');
/** The stream tells of every step; asking again finds an end that came before the stream began. */
const ASK_AGAIN_MS = 4_000;

export function ImportPage() {
  const { importId } = route.useParams();
  const t = useWords();
  const [result, execute] = useQuery({ query: ImportQuery, variables: { id: importId } });
  useSubscription({ query: ImportProgress, variables: { id: importId } });
  const run = readFragment(
    ImportFragment,
    result.data?.importRun as FragmentOf<typeof ImportFragment> | null | undefined,
  );
  const running = run?.status === 'RUNNING';
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => execute({ requestPolicy: 'network-only' }), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [running, execute]);
  return (
    <Page
      up="/staff/imports"
      width={1240}
      title={run?.dryRun ? t('imports.importDryTitle') : t('imports.importTitle')}
      subtitle={run?.fileName}
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
            <NextStep run={loaded} />
            <ImportRows run={loaded} />
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Progress({ run }: { readonly run: Import }) {
  const t = useWords();
  const format = useFormat();
  const client = useClient();
  const [loading, setLoading] = useState(false);
  const rejects = async () => {
    setLoading(true);
    const { data } = await client.query(RejectsQuery, { id: run.id }, { requestPolicy: 'network-only' }).toPromise();
    setLoading(false);
    if (data?.importRun) download(t('imports.rejectFile'), data.importRun.rejectCsv);
  };
  const done = t('imports.progress', { done: format.number(run.done), total: format.number(run.total) });
  return (
    <RunProgress
      run={run}
      state={<ImportState status={run.status} failed={run.failed} />}
      words={run.failed > 0 ? [done, t('imports.failed', { count: run.failed })].join(', ') : done}
      aside={
        run.failed > 0 && run.status === 'FINISHED' ? (
          <Button
            size="sm"
            variant="default"
            leftSection={<IconDownload size={17} />}
            loading={loading}
            onClick={() => void rejects()}
          >
            {t('imports.rejects')}
          </Button>
        ) : null
      }
    />
  );
}

/** After a dry run comes the real one, with the same file. */
function NextStep({ run }: { readonly run: Import }) {
  const t = useWords();
  const [send, busy] = useStartImport();
  const [refusals, setRefusals] = useState<string[]>([]);
  if (run.status === 'RUNNING') return null;
  const file = fileOf(run.id);
  if (!run.dryRun) {
    return run.failed === 0 ? (
      <Alert color="teal" radius="lg" icon={<IconCircleCheck />}>
        {t('imports.allWell')}
      </Alert>
    ) : null;
  }
  return (
    <Alert color="tide" radius="lg" icon={<IconTestPipe />} title={t('imports.dryNote')}>
      <Stack gap="sm">
        <Text size="sm">
          {run.failed === 0 ? t('imports.allWell') : t('imports.nextRealBody')} {file ? '' : t('imports.chooseAgain')}
        </Text>
        <Problems problems={refusals} />
        <Group>
          {file ? (
            <Button
              size="sm"
              leftSection={<IconDatabaseImport size={17} />}
              loading={busy}
              onClick={() => void send(file, false).then(setRefusals)}
            >
              {t('imports.nextReal')}
            </Button>
          ) : (
            <ButtonLink to="/staff/imports/new" size="sm" variant="light">
              {t('imports.start')}
            </ButtonLink>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

function ImportRows({ run }: { readonly run: Import }) {
  const t = useWords();
  const { status } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/imports/$importId' });
  const failedOnly = status === 'failed';
  const list = usePagedQuery(
    ImportRowsQuery,
    { id: run.id, status: failedOnly ? ('FAILED' as const) : null, first: PAGE_SIZE },
    (data) => data.importRun?.rows.pageInfo,
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
  const columns: Column<Row>[] = [
    {
      key: 'row',
      label: t('imports.row'),
      width: 110,
      cell: ({ row, result }) => {
        const page = result ? pageOf(result) : undefined;
        return page ? (
          <AnchorLink to={page} size="sm" fw={600}>
            {t('imports.row')} {row}
          </AnchorLink>
        ) : (
          <Text size="sm" fw={600} span>
            {t('imports.row')} {row}
          </Text>
        );
      },
    },
    {
      key: 'who',
      label: t('imports.who'),
      cell: ({ data }) => (
        <Stack gap={0}>
          <Text size="sm">{cell(data, 'name')}</Text>
          <Text size="xs" c="dimmed">
            {[
              cell(data, 'email'),
              cell(data, 'external_ref'),
              [cell(data, 'provider'), cell(data, 'consumer_number')].filter(Boolean).join(' '),
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </Stack>
      ),
    },
    { key: 'state', label: t('imports.state'), cell: (row) => <ImportRowState status={row.status} /> },
    {
      key: 'said',
      label: t('imports.said'),
      width: '44%',
      cell: ({ errors, status: state }) =>
        errors.length === 0 ? (
          <Text size="sm" c="dimmed" span>
            {state === 'DONE' ? t('imports.fine') : ''}
          </Text>
        ) : (
          <Stack gap={2}>
            {errors.map(({ message, path }) => (
              <Text key={path.join('.') + message} size="sm" c={state === 'FAILED' ? 'coral' : undefined}>
                {path.length > 0 ? (
                  <Text span fw={600} inherit>
                    {path.join('.')}:{' '}
                  </Text>
                ) : null}
                {message}
              </Text>
            ))}
          </Stack>
        ),
    },
  ];
  return (
    <Stack gap="sm">
      <SegmentedControl
        maw={320}
        size="sm"
        aria-label={t('list.filter')}
        value={failedOnly ? 'failed' : 'all'}
        onChange={(value) => void navigate({ search: value === 'failed' ? { status: 'failed' } : {}, replace: true })}
        data={[
          { value: 'all', label: t('imports.showAll') },
          { value: 'failed', label: t('imports.showFailed') },
        ]}
      />
      <PagedRows
        list={list}
        rows={list.result.data?.importRun?.rows.nodes}
        columns={columns}
        rowKey={({ row }) => String(row)}
        label={t('imports.rows')}
        empty={
          <EmptyState
            icon={<IconListCheck size={32} />}
            title={failedOnly ? t('imports.noFailed') : t('imports.noRows')}
          />
        }
      />
    </Stack>
  );
}

/** A cell of a row as it was read from the file. */
function cell(data: unknown, column: string): string {
  const value = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[column] : undefined;
  return typeof value === 'string' ? value : '';
}
