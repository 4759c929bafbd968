import { IconRefresh } from '@tabler/icons-react';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { RunRowsFragment, runColumns } from '../runs/run-rows';
import { useLive } from '../ui/live';
import { PagedRows } from '../ui/paged-rows';
import { useWords } from '../words';

const ProviderRunsQuery = graphql(
  `
    query StaffProviderRuns($providerId: ID!, $first: Int!, $after: String) {
      fetchRuns(providerId: $providerId, first: $first, after: $after) {
        nodes { id ...RunRows }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [RunRowsFragment],
);

export function ProviderRuns({ providerId }: { readonly providerId: string }) {
  const t = useWords();
  const list = usePagedQuery(ProviderRunsQuery, { providerId, first: PAGE_SIZE }, (data) => data.fetchRuns.pageInfo);
  useLive(['fetch_run.progress'], ['StaffProviderRuns']);
  const nodes = list.result.data?.fetchRuns.nodes;
  return (
    <PagedRows
      list={list}
      rows={nodes ? readFragment(RunRowsFragment, nodes) : undefined}
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
