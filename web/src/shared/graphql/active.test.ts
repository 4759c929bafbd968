import { Client, gql, type Operation, type OperationResult } from 'urql';
import { expect, it } from 'vitest';
import { filter, makeSubject, merge, pipe, subscribe, tap } from 'wonka';
import { ActiveQueries, activeExchange } from './active';
import { memberOf, QuerySet } from './query-set';
import { refetch } from './refetch';

const HOME = gql`query Home { home }`;
const BILL = gql`query Bill($id: ID!) { bill(id: $id) { id } }`;
const WALLET = gql`query Wallet { wallet }`;
const PAY = gql`mutation Pay { pay }`;

/** A client that notes what is on screen and what the network is asked, and a way to answer it. */
function clientOf() {
  const active = new ActiveQueries();
  const asked: Operation[] = [];
  const answers = makeSubject<OperationResult>();
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-first',
    exchanges: [
      activeExchange(active),
      () => (operations) =>
        merge([
          answers.source,
          pipe(
            operations,
            tap((operation) => void asked.push(operation)),
            filter((_operation): _operation is never => false),
          ),
        ]),
    ],
  });
  const watch = (query: typeof HOME, variables: object = {}, context: object = {}) =>
    pipe(
      client.query(query, variables, context),
      subscribe(() => undefined),
    );
  const answer = (operation: Operation) => answers.next({ operation, data: {}, stale: false, hasNext: false });
  return { active, answer, asked, client, watch };
}

const variablesOf = (operations: readonly Operation[]) => operations.map(({ variables }) => variables);

it('all queries on screen, or those that are given, with whatever variables they are asked', () => {
  const { active, client, watch } = clientOf();
  watch(HOME);
  watch(BILL, { id: '1' });
  watch(BILL, { id: '2' });
  void client.mutation(PAY, {}).toPromise();
  expect(active.select()).toHaveLength(3);
  expect(variablesOf(active.select([BILL]))).toEqual([{ id: '1' }, { id: '2' }]);
  expect(active.select([WALLET])).toEqual([]);
  expect(active.select([])).toEqual([]);
});

it('a query that has left the screen is not among them', () => {
  const { active, watch } = clientOf();
  const { unsubscribe } = watch(HOME);
  watch(BILL, { id: '1' });
  unsubscribe();
  expect(variablesOf(active.select())).toEqual([{ id: '1' }]);
});

it('a set is the queries that were put into it, those of pages that were loaded later too', () => {
  const { active, watch } = clientOf();
  const [bills, wallets] = [new QuerySet(), new QuerySet()];
  const wanted = [bills, WALLET];
  expect(memberOf([bills, wallets], BILL)).toBe(BILL);
  watch(HOME);
  watch(BILL, { id: '1' });
  watch(WALLET);
  expect(active.select([bills])).toHaveLength(1);
  expect(active.select([wallets])).toHaveLength(1);
  memberOf([bills], HOME);
  expect(active.select([bills])).toHaveLength(2);
  expect(active.select(wanted)).toHaveLength(3);
});

it('a query that is asked for again goes to the network in the context it was asked in', async () => {
  const { active, answer, asked, client, watch } = clientOf();
  watch(BILL, { id: '1' }, { url: '/elsewhere' });
  const [first] = active.select();
  if (!first) throw new Error('nothing is on screen');
  answer(first);
  refetch(client, first);
  await Promise.resolve();
  const again = asked.at(-1);
  expect(asked).toHaveLength(2);
  expect([again?.key, again?.kind, again?.variables]).toEqual([first.key, 'query', { id: '1' }]);
  expect([again?.context.requestPolicy, again?.context.url]).toEqual(['network-only', '/elsewhere']);
  expect(active.select()).toHaveLength(1);
});
