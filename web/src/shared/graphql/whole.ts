import type { Exchange, OperationResult } from 'urql';
import { map, pipe, tap } from 'wonka';
import { operationName } from './query-set';

/** A query's whole result is null although the server answered with data: the cache lacks a field somewhere. */
const isBroken = ({ operation, data, error }: OperationResult): boolean =>
  operation.kind === 'query' && !error && (data === null || data === undefined);

/**
 * Keeps an incomplete cache from hiding an answer. What the server answered is remembered below the cache (`answers`),
 * and where the cache makes nothing of it the answer itself is shown (`shows`, above the cache). That should never be
 * needed, so `report` is told of it.
 */
export function wholeExchanges(report: (operation: string) => void): {
  readonly shows: Exchange;
  readonly answers: Exchange;
} {
  const answered = new Map<number, OperationResult>();
  const remember = (result: OperationResult) => {
    if (result.operation.kind === 'query' && result.data) answered.set(result.operation.key, result);
  };
  const answers: Exchange =
    ({ forward }) =>
    (operations) =>
      pipe(operations, forward, tap(remember));
  const shows: Exchange =
    ({ forward }) =>
    (operations) =>
      pipe(
        operations,
        tap(({ kind, key }) => {
          if (kind === 'teardown') answered.delete(key);
        }),
        forward,
        map((result) => {
          const answer = isBroken(result) && !result.stale ? answered.get(result.operation.key) : undefined;
          if (!answer) return result;
          report(operationName(result.operation.query));
          return { ...result, data: answer.data };
        }),
      );
  return { shows, answers };
}
