import { useEffect, useRef } from 'react';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { client } from '@/shared/graphql/client';
import { graphql } from '@/shared/graphql/graphql';

const PaymentsSinceQuery = graphql(
  `
    query PaymentsSince($since: String!, $first: Int!) {
      payments(since: $since, first: $first) {
        nodes { id ...PaymentCard }
        pageInfo { hasNextPage }
        cursor
      }
    }
  `,
  [PaymentCardFragment],
);

const PAGE = 20;
/** Beyond so many changes the list itself is quicker. */
const MOST_PAGES = 5;

export interface Changes {
  readonly cursor: string;
  readonly more: boolean;
}

/**
 * Asks for what changed after `since`, a page at a time, until nothing more did. Answers where the log stands then;
 * undefined when the list has to be read anew, because too much changed or the log no longer goes back that far.
 */
export async function catchUp(
  since: string,
  ask: (since: string) => Promise<Changes | undefined>,
): Promise<string | undefined> {
  let cursor = since;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const changes = await ask(cursor);
    if (!changes) return undefined;
    // A cursor that stands still would be asked for again and again.
    if (!changes.more || changes.cursor === cursor) return changes.cursor;
    cursor = changes.cursor;
  }
  return undefined;
}

const askServer = async (since: string): Promise<Changes | undefined> => {
  const { data } = await client
    .query(PaymentsSinceQuery, { since, first: PAGE }, { requestPolicy: 'network-only' })
    .toPromise();
  return data ? { cursor: data.payments.cursor, more: data.payments.pageInfo.hasNextPage } : undefined;
};

/** How far each list has been brought up to date since this page was loaded. */
const positions = new Map<string, string>();

/**
 * Keeps a list that is shown from the cache in step: once for each time it is shown, and again when the network comes
 * back, only what changed is asked for. The cache puts it in its place.
 */
export function useChangesSince(list: string, cursor: string | undefined, again: boolean, readAnew: () => void): void {
  const anew = useRef(readAnew);
  useEffect(() => {
    anew.current = readAnew;
  });
  const known = cursor !== undefined && cursor !== '';
  const own = useRef(cursor);
  useEffect(() => {
    own.current = cursor;
  });
  useEffect(() => {
    if (!known || !again) return;
    let left = false;
    const since = positions.get(list) ?? own.current;
    if (!since) return;
    void catchUp(since, askServer).then((position) => {
      if (position !== undefined) positions.set(list, position);
      else if (!left) {
        positions.delete(list);
        anew.current();
      }
    });
    return () => {
      left = true;
    };
  }, [list, known, again]);
}
