import { useEffect, useRef } from 'react';
import { useSubscription } from 'urql';
import { refetchActive, resync } from '@/shared/graphql/client';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import type { Queries } from '@/shared/graphql/query-set';

const EventsOfKinds = graphql(`
  subscription StaffEventsOfKinds($kinds: [String!]) {
    events(kinds: $kinds) {
      cursor
      resync
      event { id kind customerId subject }
    }
  }
`);

type LiveEvent = NonNullable<ResultOf<typeof EventsOfKinds>['events']['event']>;

const GATHER_MS = 600;

/**
 * Has queries asked for again when something of the given kinds happens: once for a burst, so that a run over thousands
 * of accounts does not ask thousands of times. And once when listening has begun: what happened after the page was read
 * and before that is told to nobody.
 */
export function useLive(
  kinds: readonly string[],
  queries: Queries,
  concerns: (event: LiveEvent) => boolean = () => true,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useSubscription({ query: EventsOfKinds, variables: { kinds: [...kinds] } }, (_previous: unknown, { events }) => {
    if (events.resync) resync();
    else if (!events.event || concerns(events.event)) {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        refetchActive(queries);
      }, GATHER_MS);
    }
    return events;
  });
}
