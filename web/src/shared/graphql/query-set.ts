import type { DocumentNode } from 'graphql';

/**
 * Queries that are refetched together. A query joins its sets where it is defined (`memberOf`), so that a refetch imports
 * no page: a query that is on screen has been loaded already.
 */
export class QuerySet {
  readonly #documents = new Set<DocumentNode>();

  add(document: DocumentNode): void {
    this.#documents.add(document);
  }

  get documents(): readonly DocumentNode[] {
    return [...this.#documents];
  }
}

export type Queries = readonly (DocumentNode | QuerySet)[];

/** Puts a query into sets, and gives it back. */
export function memberOf<Document extends DocumentNode>(sets: readonly QuerySet[], document: Document): Document {
  for (const set of sets) set.add(document);
  return document;
}

/** The names of all queries that are given, alone or in sets. Every operation has a name of its own. */
export function namesOf(queries: Queries): ReadonlySet<string> {
  const documents = queries.flatMap((one) => (one instanceof QuerySet ? one.documents : [one]));
  return new Set(documents.map(operationName));
}

export function operationName(document: DocumentNode): string {
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition') return definition.name?.value ?? '';
  }
  return '';
}
