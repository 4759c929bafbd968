import type { Client, Operation } from 'urql';

/** Asks the network again for a query that was asked for before, in the context it was asked in. */
export function refetch(client: Client, operation: Operation): void {
  const context = { ...operation.context, requestPolicy: 'network-only' as const };
  client.reexecuteOperation(client.createRequestOperation('query', operation, context));
}
