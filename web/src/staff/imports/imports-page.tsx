import { Badge, Button, Stack, Text } from '@mantine/core';
import { IconDownload, IconFileImport } from '@tabler/icons-react';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { download } from '@/shared/lib/csv';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { RunBar } from '../runs/run-rows';
import { useLive } from '../ui/live';
import { PagedRows } from '../ui/paged-rows';
import { type Column, opensRow } from '../ui/rows';
import { ImportState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { template } from './csv-check';

const ImportRowFragment = graphql(`
  fragment StaffImport on ImportRun {
    id
    status
    dryRun
    fileName
    total
    done
    failed
    createdAt
  }
`);

const ImportsQuery = graphql(
  `
    query StaffImports($first: Int!, $after: String) {
      importRuns(first: $first, after: $after) {
        nodes { id ...StaffImport }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [ImportRowFragment],
);

type Import = ResultOf<typeof ImportRowFragment>;

export function ImportsPage() {
  const t = useWords();
  const list = usePagedQuery(ImportsQuery, { first: PAGE_SIZE }, (data) => data.importRuns.pageInfo);
  useLive(['import.progress'], [ImportsQuery]);
  const nodes = list.result.data?.importRuns.nodes;
  const columns: Column<Import>[] = [
    {
      key: 'file',
      label: t('imports.file'),
      cell: ({ id, fileName, dryRun }) => (
        <Stack gap={2} align="flex-start">
          <AnchorLink to="/staff/imports/$importId" params={{ importId: id }} className={opensRow}>
            {fileName ?? t('imports.importTitle')}
          </AnchorLink>
          {dryRun ? (
            <Badge size="sm" variant="default" tt="none">
              {t('imports.dryRun')}
            </Badge>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'state',
      label: t('imports.state'),
      cell: ({ status, failed }) => <ImportState status={status} failed={failed} />,
    },
    { key: 'rows', label: t('imports.rows'), width: 190, cell: (run) => <RunBar run={run} /> },
    {
      key: 'failed',
      label: t('enums.importRow.FAILED'),
      cell: ({ failed }) =>
        failed > 0 ? (
          <Text span size="sm" c="coral" fw={600}>
            {t('imports.failed', { count: failed })}
          </Text>
        ) : null,
    },
    { key: 'begun', label: t('imports.begun'), right: true, cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  return (
    <Page
      title={t('imports.title')}
      subtitle={t('imports.lead')}
      width={1240}
      actions={
        <ButtonLink to="/staff/imports/new" size="sm" leftSection={<IconFileImport size={18} />}>
          {t('imports.start')}
        </ButtonLink>
      }
    >
      <PagedRows
        list={list}
        rows={nodes ? readFragment(ImportRowFragment, nodes) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('imports.title')}
        empty={
          <EmptyState
            icon={<IconFileImport size={32} />}
            title={t('imports.empty')}
            action={
              <>
                <ButtonLink to="/staff/imports/new">{t('imports.start')}</ButtonLink>
                <Button
                  variant="light"
                  leftSection={<IconDownload size={18} />}
                  onClick={() => download(t('imports.templateFile'), template())}
                >
                  {t('imports.template')}
                </Button>
              </>
            }
          >
            {t('imports.emptyBody')}
          </EmptyState>
        }
      />
    </Page>
  );
}
