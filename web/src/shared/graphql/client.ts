import { createClient as createSocket } from 'graphql-ws';
import { Client, type CombinedError, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { ActiveQueries, activeExchange } from './active';
import { forgetStored, graphcache, places } from './cache';
import { confirmingExchange } from './confirming';
import { forgetSync, noteReached, noteUnreachable, resyncs } from './connection';
import { ResumeCursors } from './cursors';
import { faultOf } from './errors';
import { overtakenExchange } from './overtaken';
import type { Queries } from './query-set';
import { refetch } from './refetch';
import { wholeExchanges } from './whole';

const active = new ActiveQueries();
const cursors = new ResumeCursors();

let onUnauthenticated: () => void = () => undefined;

/** Called once the router stands: where to send a person whose session has ended. */
export function whenUnauthenticated(handler: () => void): void {
  onUnauthenticated = handler;
}

/** Unauthorized and forbidden, as graphql-transport-ws numbers them. */
const REFUSED_CODES = [4401, 4403];

/** From now on the end of the session is no surprise: the page that asked for it says where to go. */
export function expectSignOut(): void {
  onUnauthenticated = () => undefined;
}

const socket = createSocket({
  url: () => `${location.origin.replace(/^http/, 'ws')}/graphql/ws`,
  lazy: true,
  keepAlive: 20_000,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: async (retries) => {
    const ceiling = Math.min(30_000, 500 * 2 ** Math.min(retries, 6));
    await new Promise((resolve) => setTimeout(resolve, ceiling / 2 + Math.random() * (ceiling / 2)));
  },
  on: {
    connected: (_socket, _payload, wasRetry) => {
      if (wasRetry && cursors.anyWithoutCursor) refetchActive();
    },
    closed: (event) => {
      // The server ends the sockets of a session that was revoked; asking again tells whether this one was.
      if (isCloseEvent(event) && REFUSED_CODES.includes(event.code)) refetchActive();
    },
  },
});

const live = subscriptionExchange({
  forwardSubscription: (request, operation) => ({
    subscribe: (sink) => {
      const key = operation.key;
      cursors.start(key);
      const payload = {
        query: request.query ?? '',
        operationName: request.operationName,
        // Read anew at each (re)connection, so that a stream goes on where it was cut off.
        get variables() {
          return cursors.variables(key, request.variables as Record<string, unknown> | undefined);
        },
      };
      const end = socket.subscribe(payload, {
        next: (result) => {
          cursors.remember(key, result.data);
          sink.next(result as Parameters<typeof sink.next>[0]);
        },
        error: (error) => sink.error(error),
        complete: () => sink.complete(),
      });
      return {
        unsubscribe: () => {
          cursors.stop(key);
          end();
        },
      };
    },
  }),
});

function isCloseEvent(event: unknown): event is CloseEvent {
  return typeof CloseEvent !== 'undefined' && event instanceof CloseEvent;
}

const watch = mapExchange({
  onResult(result) {
    if (result.operation.kind === 'subscription') return;
    if (!result.error) noteReached(Date.now());
    else handleError(result.error);
  },
});

function handleError(error: CombinedError): void {
  const { kind } = faultOf(error);
  if (kind === 'offline') noteUnreachable();
  if (kind === 'unauthenticated') onUnauthenticated();
}

const whole = wholeExchanges((operation) => {
  // biome-ignore lint/suspicious/noConsole: a fault of ours, for whoever has the developer tools open and for the tests
  console.error(`the cache could not read the answer to ${operation}`);
});

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  // What is stored is shown at once and then asked for again: a sum that is due must not stay as it was last week.
  requestPolicy: 'cache-and-network',
  exchanges: [
    activeExchange(active),
    whole.shows,
    graphcache(),
    watch,
    whole.answers,
    overtakenExchange(places),
    confirmingExchange(),
    fetchExchange,
    live,
  ],
});

/** Asks the network again for the queries on screen: all, or those that are given. */
export function refetchActive(queries?: Queries): void {
  for (const operation of active.select(queries)) refetch(client, operation);
}

/** The server said that events were lost: lists start over and everything on screen is asked for again. */
export function resync(): void {
  resyncs.set(resyncs.get() + 1);
  refetchActive();
}

/**
 * Leaves nothing of this person behind (no stored cache, no socket, no memory of what was shown) and starts the app
 * afresh at `path`. Done whenever who is looking may change: what one person owes must not greet the next.
 */
export async function startAfresh(path: string): Promise<void> {
  forgetSync();
  await Promise.allSettled([forgetStored(), socket.dispose()]);
  location.assign(path);
}
