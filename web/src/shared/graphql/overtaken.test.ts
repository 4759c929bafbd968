import { Client, gql, type Operation, type OperationResult } from 'urql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { filter, makeSubject, merge, pipe } from 'wonka';
import { overtakenExchange } from './overtaken';

const LIST = gql`query List { list }`;
const OTHER = gql`query Other { other }`;
const HAPPENED = gql`subscription Happened { happened }`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client whose network is the test: what is asked, and a way to answer it. */
function clientOf() {
  const asked: Operation[] = [];
  const answers = makeSubject<OperationResult>();
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'network-only',
    exchanges: [
      overtakenExchange(({ data }) => data?.happened === true),
      () => (operations) =>
        merge([
          answers.source,
          pipe(
            operations,
            filter((operation): operation is never => {
              asked.push(operation);
              return false;
            }),
          ),
        ]),
    ],
  });
  const names = () =>
    asked
      .filter(({ kind }) => kind === 'query')
      .map(({ query }) => query.definitions.map((one) => 'name' in one && one.name?.value).join());
  const answer = (operation: Operation | undefined, data: object) => {
    if (!operation) throw new Error('nothing was asked');
    answers.next({ operation, data, stale: false, hasNext: operation.kind === 'subscription' });
  };
  const watch = (query: typeof LIST) => {
    const found: unknown[] = [];
    const operation = query === HAPPENED ? client.subscription(query, {}) : client.query(query, {});
    const { unsubscribe } = operation.subscribe(({ data }) => void found.push(data));
    return { operation: asked.at(-1), found, unsubscribe };
  };
  return { names, answer, watch };
}

const later = () => vi.advanceTimersByTimeAsync(1_000);

describe('overtakenExchange', () => {
  it('a list that was on its way when something happened is asked for once more', async () => {
    const { names, answer, watch } = clientOf();
    const happened = watch(HAPPENED);
    const list = watch(LIST);
    answer(happened.operation, { happened: true });
    answer(happened.operation, { happened: true });
    expect(names()).toEqual(['List']);
    answer(list.operation, { list: 'before' });
    await later();
    expect(names()).toEqual(['List', 'List']);
    answer(list.operation, { list: 'after' });
    await later();
    expect(names()).toEqual(['List', 'List']);
    expect(list.found.at(-1)).toEqual({ list: 'after' });
  });

  it('a list that came before or is asked for after it happened is left alone', async () => {
    const { names, answer, watch } = clientOf();
    const happened = watch(HAPPENED);
    const list = watch(LIST);
    answer(list.operation, { list: 'before' });
    answer(happened.operation, { happened: true });
    const other = watch(OTHER);
    answer(other.operation, { other: 'after' });
    await later();
    expect(names()).toEqual(['List', 'Other']);
  });

  it('what places nothing in a list overtakes nothing', async () => {
    const { names, answer, watch } = clientOf();
    const happened = watch(HAPPENED);
    const list = watch(LIST);
    answer(happened.operation, { happened: false });
    answer(list.operation, { list: 'before' });
    await later();
    expect(names()).toEqual(['List']);
  });

  it('a list nobody looks at any more is not asked for again', async () => {
    const { names, answer, watch } = clientOf();
    const happened = watch(HAPPENED);
    const list = watch(LIST);
    answer(happened.operation, { happened: true });
    answer(list.operation, { list: 'before' });
    list.unsubscribe();
    await later();
    expect(names()).toEqual(['List']);
  });
});
