import { useEffect, useRef, useState } from 'react';
import { type AnyVariables, type RequestPolicy, type TypedDocumentNode, useQuery } from 'urql';
import { resyncs } from '@/shared/graphql/connection';
import { useObservable } from '@/shared/lib/store';

/** One page size for every list: the cache joins the pages of a list only as long as they are cut alike. */
export const PAGE_SIZE = 20;
/** Accounts are few per person and are shown grouped, so their page holds nearly everybody's. */
export const ACCOUNTS_PAGE_SIZE = 50;

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

interface PagedOptions {
  readonly pause?: boolean;
  readonly requestPolicy?: RequestPolicy;
}

/**
 * A list that grows by cursor. The cache joins the pages, so the data is always the whole list so far; a change of the
 * filter or a resync starts over at the first page.
 */
export function usePagedQuery<Data, Variables extends AnyVariables & { after?: string | null }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  pageInfoOf: (data: Data) => PageInfo | null | undefined,
  { pause = false, requestPolicy }: PagedOptions = {},
) {
  const epoch = useObservable(resyncs);
  const list = `${epoch}:${JSON.stringify(variables)}`;
  const [position, setPosition] = useState<{ list: string; after: string | null }>({ list, after: null });
  const after = position.list === list ? position.after : null;
  const [result, execute] = useQuery<Data, Variables>({
    query: document,
    variables: { ...variables, after } as unknown as Variables,
    pause,
    ...(requestPolicy ? { requestPolicy } : {}),
  });
  // While another filter's rows are being read, urql still answers with those before: they are not what was asked for.
  const other = result.operation !== undefined && listOf(result.operation.variables) !== listOf(variables);
  const data = other ? undefined : result.data;
  const pageInfo = data ? pageInfoOf(data) : undefined;
  const busy = result.fetching || result.stale;
  return {
    result: { ...result, data },
    hasMore: pageInfo?.hasNextPage === true,
    /** Whether the next page can be asked for now. */
    ready: pageInfo?.hasNextPage === true && !busy,
    loadingMore: busy && after !== null,
    loadMore: () => {
      if (!busy && pageInfo?.hasNextPage && pageInfo.endCursor) setPosition({ list, after: pageInfo.endCursor });
    },
    retry: () => execute({ requestPolicy: 'network-only' }),
  };
}

/** What tells one list from another: everything it is asked with but the page. */
const listOf = (variables: object): string => JSON.stringify({ ...variables, after: undefined });

/**
 * Calls `onSeen` when the element it is given scrolls into view, and each time it becomes active while it is in view: what was
 * reached while the list was being read is not forgotten.
 */
export function useSeen(onSeen: () => void, active: boolean) {
  const element = useRef<HTMLDivElement>(null);
  const callback = useRef(onSeen);
  useEffect(() => {
    callback.current = onSeen;
  });
  useEffect(() => {
    const target = element.current;
    if (!active || !target) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) callback.current();
      },
      { rootMargin: '400px' },
    );
    observer.observe(target);
    return () => observer.disconnect();
  }, [active]);
  return element;
}
