import { NativeSelect, Stack } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery, useSubscription } from 'urql';
import { resync } from '@/shared/graphql/client';
import { graphql } from '@/shared/graphql/graphql';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { useLive } from '../ui/live';
import { useWords } from '../words';
import { RunList, RunRowsFragment } from './run-rows';

const RunsQuery = graphql(
  `
    query StaffRuns($providerId: ID, $first: Int!, $after: String) {
      fetchRuns(providerId: $providerId, first: $first, after: $after) {
        nodes { id ...RunRows }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [RunRowsFragment],
);

/** Every run that moves; the cache puts the new counts into the rows that show it. */
const RunsProgress = graphql(
  `
    subscription StaffRunsProgress {
      fetchRunProgress { cursor resync fetchRun { id ...RunRows } }
    }
  `,
  [RunRowsFragment],
);

export const ProviderChoicesQuery = graphql(`
  query StaffProviderChoices {
    providers(first: 100) { nodes { id name } }
  }
`);

const route = getRouteApi('/signed-in/staff/runs');

export function RunsPage() {
  const t = useWords();
  const { provider } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/runs' });
  const [{ data: choices }] = useQuery({ query: ProviderChoicesQuery });
  const list = usePagedQuery(
    RunsQuery,
    { providerId: provider ?? null, first: PAGE_SIZE },
    (data) => data.fetchRuns.pageInfo,
  );
  useSubscription({ query: RunsProgress }, (_previous: unknown, data) => {
    if (data.fetchRunProgress.resync) resync();
    return data;
  });
  // A run that begins is in no list yet.
  useLive(['fetch_run.progress'], [RunsQuery]);
  return (
    <Page title={t('runs.title')} width={1240}>
      <Stack>
        <NativeSelect
          size="sm"
          maw={320}
          aria-label={t('runs.provider')}
          value={provider ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            void navigate({ search: value ? { provider: value } : {}, replace: true });
          }}
          data={[
            { value: '', label: t('runs.all') },
            ...(choices?.providers.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <RunList list={list} runs={list.result.data?.fetchRuns.nodes} />
      </Stack>
    </Page>
  );
}
