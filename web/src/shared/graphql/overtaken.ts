import type { Exchange, Operation, OperationResult } from 'urql';
import { pipe, tap } from 'wonka';
import { refetch } from './refetch';

/** A burst of events asks once. */
const GATHER_MS = 250;

/**
 * Asks again for what was overtaken: what a live stream tells is put into the lists the cache knows, and a list whose
 * answer is still on its way is not among them. That answer may have been read before it happened and would never
 * show it, so the list is asked for once more when it has come.
 *
 * Belongs below the cache, where only what goes to the network passes. `places` says whether a result is one from which
 * the cache changes lists.
 */
export function overtakenExchange(places: (result: OperationResult) => boolean): Exchange {
  return ({ client, forward }) => {
    /** What is on its way, and whether something happened since it was asked for. */
    const asked = new Map<number, boolean>();
    const overtaken = new Map<number, Operation>();

    const askAgain = () => {
      const operations = [...overtaken.values()];
      overtaken.clear();
      for (const operation of operations) refetch(client, operation);
    };

    const note = (operation: Operation) => {
      if (operation.kind === 'query') asked.set(operation.key, false);
      if (operation.kind !== 'teardown') return;
      asked.delete(operation.key);
      overtaken.delete(operation.key);
    };

    const look = (result: OperationResult) => {
      const { operation } = result;
      if (operation.kind !== 'query') {
        if (places(result)) for (const key of asked.keys()) asked.set(key, true);
        return;
      }
      if (asked.get(operation.key)) {
        if (overtaken.size === 0) setTimeout(askAgain, GATHER_MS);
        overtaken.set(operation.key, operation);
      }
      asked.delete(operation.key);
    };

    return (operations) => pipe(operations, tap(note), forward, tap(look));
  };
}
