import { cacheExchange } from '@urql/exchange-graphcache';
import { Client, type Exchange, gql, type OperationResult } from 'urql';
import { describe, expect, it } from 'vitest';
import { delay, filter, map, pipe } from 'wonka';
import { graphcache } from './cache';
import { wholeExchanges } from './whole';

const TO_PAY = gql`
  query ToPay {
    bills(filter: { state: OPEN }, orderBy: DUE_DATE, first: 50) { nodes { id quote { payable } } }
  }
`;
const HOME = gql`
  query Home {
    bills(filter: { state: OPEN }, orderBy: DUE_DATE, first: 20) { nodes { id number } }
  }
`;
const LIST = gql`
  query List($first: Int!, $after: String) {
    bills(filter: { state: OPEN }, orderBy: DUE_DATE, first: $first, after: $after) {
      nodes { id number }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Bills {
  readonly bills: { readonly nodes: readonly { readonly id: string; readonly number?: string }[] };
}

const OPEN = Array.from({ length: 45 }, (_, at) => `bil_${at}`);

/** A server with 45 open bills that answers exactly what is selected, after the cache could answer. */
const server: Exchange = () => (operations) =>
  pipe(
    operations,
    filter(({ kind }) => kind === 'query'),
    delay(1),
    map((operation): OperationResult => {
      const { first: size = 20, after } = (operation.variables ?? {}) as { first?: number; after?: string | null };
      const text = operation.query.loc?.source.body ?? '';
      const first = text.includes('first: 50') ? 50 : size;
      const from = after ? OPEN.indexOf(after) + 1 : 0;
      const ids = OPEN.slice(from, from + first);
      const detail = (id: string) =>
        text.includes('quote') ? { quote: { __typename: 'PayableQuote', payable: true } } : { number: `N-${id}` };
      const nodes = ids.map((id) => ({ __typename: 'Bill', id, ...detail(id) }));
      const pageInfo = {
        __typename: 'PageInfo',
        hasNextPage: from + first < OPEN.length,
        endCursor: ids.at(-1) ?? null,
      };
      const bills = { __typename: 'BillConnection', nodes, ...(text.includes('pageInfo') ? { pageInfo } : {}) };
      return { operation, data: { bills }, stale: false, hasNext: false };
    }),
  );

const reports: string[] = [];
const whole = wholeExchanges((operation) => reports.push(operation));

const clientOf = (cache: Exchange) =>
  new Client({ url: '/graphql', preferGetMethod: false, exchanges: [whole.shows, cache, whole.answers, server] });

const policy = { requestPolicy: 'network-only' as const };

describe('lists of one field', () => {
  it('do not disturb one another where their pages have other sizes and other fields', async () => {
    const client = clientOf(graphcache());
    reports.length = 0;
    await client.query(TO_PAY, {}, policy).toPromise();
    const home = await client.query<Bills>(HOME, {}, policy).toPromise();
    expect(reports, 'the cache itself has the answer').toEqual([]);
    expect(home.data?.bills.nodes).toHaveLength(20);
    const again = await client.query<Bills>(HOME, {}, { requestPolicy: 'cache-only' }).toPromise();
    expect(again.data?.bills.nodes.map(({ number }) => number)).not.toContain(undefined);
  });

  it('are joined for the operation that pages through them, and only pages of one size', async () => {
    const client = clientOf(graphcache());
    const load = (first: number, after: string | null) =>
      client.query<Bills>(LIST, { first, after }, policy).toPromise();
    await load(50, null);
    await load(20, null);
    const second = await load(20, 'bil_19');
    expect(second.data?.bills.nodes.map(({ id }) => id)).toEqual(OPEN.slice(0, 40));
    // Coming back to the list shows what was loaded of it.
    const back = await client
      .query<Bills>(LIST, { first: 20, after: null }, { requestPolicy: 'cache-only' })
      .toPromise();
    expect(back.data?.bills.nodes).toHaveLength(40);
    const home = await client.query<Bills>(HOME, {}, policy).toPromise();
    expect(home.data?.bills.nodes).toHaveLength(20);
  });
});

describe('an answer of which the cache makes nothing', () => {
  it('is shown as it came, and reported', async () => {
    const schema = (await import('./generated/introspection.json')).default;
    const blind = cacheExchange({
      schema,
      keys: Object.fromEntries(['BillConnection', 'PageInfo'].map((type) => [type, () => null])),
      // As if a field had been lost: the list is one of bills nobody has read.
      resolvers: {
        Query: { bills: () => ({ __typename: 'BillConnection', nodes: [{ __typename: 'Bill', id: 'x' }] }) },
      },
    });
    reports.length = 0;
    const home = await clientOf(blind).query<Bills>(HOME, {}, policy).toPromise();
    expect(home.data?.bills.nodes).toHaveLength(20);
    expect(reports).toEqual(['Home']);
  });
});
