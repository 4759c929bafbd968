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
  const pageInfo = result.data ? pageInfoOf(result.data) : undefined;
  const busy = result.fetching || result.stale;
  return {
    result,
    hasMore: pageInfo?.hasNextPage === true,
    loadingMore: busy && after !== null,
    loadMore: () => {
      if (!busy && pageInfo?.hasNextPage && pageInfo.endCursor) setPosition({ list, after: pageInfo.endCursor });
    },
    retry: () => execute({ requestPolicy: 'network-only' }),
  };
}

/** Calls `onSeen` when the element it is given scrolls into view. */
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
