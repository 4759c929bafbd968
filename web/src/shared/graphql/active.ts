import type { Exchange, Operation } from 'urql';
import { pipe, tap } from 'wonka';
import { namesOf, operationName, type Queries } from './query-set';

/** Keeps the queries that are on screen now, so that the network can be asked about exactly these. */
export class ActiveQueries {
  readonly #operations = new Map<number, Operation>();

  note(operation: Operation): void {
    if (operation.kind === 'query') this.#operations.set(operation.key, operation);
    if (operation.kind === 'teardown') this.#operations.delete(operation.key);
  }

  /** The active queries, or those among them that are given. */
  select(queries?: Queries): Operation[] {
    const all = [...this.#operations.values()];
    if (!queries) return all;
    const names = namesOf(queries);
    return all.filter(({ query }) => names.has(operationName(query)));
  }
}

/** An exchange that notes every operation passing it. */
export function activeExchange(active: ActiveQueries): Exchange {
  return ({ forward }) =>
    (operations) =>
      forward(
        pipe(
          operations,
          tap((operation) => active.note(operation)),
        ),
      );
}
