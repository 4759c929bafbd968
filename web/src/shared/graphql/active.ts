import type { Exchange, Operation } from 'urql';
import { pipe, tap } from 'wonka';

/** Keeps the queries that are on screen now, so that a `resync` can ask the network about exactly these. */
export class ActiveQueries {
  readonly #operations = new Map<number, Operation>();

  note(operation: Operation): void {
    if (operation.kind === 'query') this.#operations.set(operation.key, operation);
    if (operation.kind === 'teardown') this.#operations.delete(operation.key);
  }

  /** The active queries, or those among them whose operation name is one of `names`. */
  select(names?: readonly string[]): Operation[] {
    const all = [...this.#operations.values()];
    return names ? all.filter((operation) => names.includes(operationName(operation) ?? '')) : all;
  }
}

export function operationName(operation: Operation): string | undefined {
  for (const definition of operation.query.definitions) {
    if (definition.kind === 'OperationDefinition') return definition.name?.value;
  }
  return undefined;
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
