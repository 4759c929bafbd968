import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './generated/graphql-env';

/** `graphql()` types every document from the schema itself, so there is no code generation step to forget. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    BigInt: string;
    CurrencyCode: string;
    Date: string;
    DateTime: string;
    Decimal: string;
    ID: string;
    JSON: unknown;
    TimeZone: string;
  };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
export { readFragment } from 'gql.tada';

/** The members of one enum of the schema, for example `Enum<'BillStatus'>`. */
export type Enum<Name extends Parameters<typeof graphql.scalar>[0]> = ReturnType<typeof graphql.scalar<Name>>;
