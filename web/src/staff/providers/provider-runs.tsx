import { graphql } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { RunList, RunRowsFragment } from '../runs/run-rows';
import { useLive } from '../ui/live';

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
  const list = usePagedQuery(ProviderRunsQuery, { providerId, first: PAGE_SIZE }, (data) => data.fetchRuns.pageInfo);
  useLive(['fetch_run.progress'], [ProviderRunsQuery]);
  return <RunList list={list} runs={list.result.data?.fetchRuns.nodes} />;
}
