import { graphql } from '@/shared/graphql/graphql';

/** What lists of bills and payments can be filtered by: the homes and providers this person has. */
export const FilterChoicesQuery = graphql(`
  query BillFilterChoices($accounts: Int!) {
    properties(first: 100) { nodes { id name } }
    utilityAccounts(first: $accounts) { nodes { id provider { id name } } }
  }
`);
