import { useEffect, useRef } from 'react';
import { useQuery, useSubscription } from 'urql';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';

const FetchRunFragment = graphql(`
  fragment FetchRun on FetchRun {
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
  }
`);

const FetchRunQuery = graphql(
  `
    query FetchRun($id: ID!) {
      fetchRun(id: $id) { id ...FetchRun }
    }
  `,
  [FetchRunFragment],
);

const FetchRunProgress = graphql(
  `
    subscription FetchRunProgress($id: ID!) {
      fetchRunProgress(id: $id) { cursor resync fetchRun { ...FetchRun } }
    }
  `,
  [FetchRunFragment],
);

const ASK_AGAIN_MS = 5_000;

/**
 * The progress of a fetch. The stream tells of every step; the run is also asked for now and then while it is running,
 * because it may have ended before the stream began or while the socket was away. `onFinished` is told once of each.
 */
export function useFetchRun(id: string | undefined, onFinished?: () => void) {
  const pause = id === undefined;
  const variables = { id: id ?? '' };
  const [{ data }, again] = useQuery({ query: FetchRunQuery, variables, pause });
  useSubscription({ query: FetchRunProgress, variables, pause });
  const run = readFragment(FetchRunFragment, data?.fetchRun as FragmentOf<typeof FetchRunFragment> | null | undefined);
  const running = !pause && run?.status !== 'FINISHED' && run?.status !== 'CANCELLED';
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => again({ requestPolicy: 'network-only' }), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [running, again]);
  const told = useRef(onFinished);
  useEffect(() => {
    told.current = onFinished;
  });
  const finishedId = !pause && run && !running ? run.id : undefined;
  useEffect(() => {
    if (finishedId) told.current?.();
  }, [finishedId]);
  return { run: pause ? undefined : (run ?? undefined), running };
}
