import type { Client, Operation } from 'urql';

/** Sends a query to the network again, with the context of the earlier request. */
export function refetch(client: Client, operation: Operation): void {
  const context = { ...operation.context, requestPolicy: 'network-only' as const };
  client.reexecuteOperation(client.createRequestOperation('query', operation, context));
}
