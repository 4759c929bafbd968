import { type Client, CombinedError, makeOperation, type Operation, type OperationResult } from 'urql';
import { expect, test } from 'vitest';
import { makeSubject, map, pipe, subscribe } from 'wonka';
import { type ConfirmationMethod, confirmingExchange } from './confirming';

const operation = makeOperation('mutation', { key: 1, query: 'mutation { pauseGateway }' as never, variables: {} }, {
  url: '/graphql',
  requestPolicy: 'network-only',
} as never);

const refused = (of: Operation): OperationResult => ({
  operation: of,
  data: null,
  error: new CombinedError({
    graphQLErrors: [
      { message: 'Confirm', extensions: { code: 'CONFIRMATION_REQUIRED', methods: ['TOTP', 'RECOVERY_CODE'] } },
    ],
  }),
  stale: false,
  hasNext: false,
});

const done = (of: Operation): OperationResult => ({
  operation: of,
  data: { ok: true },
  error: undefined as never,
  stale: false,
  hasNext: false,
});

/** Sends one operation to a server that answers in turn; answers what the app saw and how often was sent. */
async function run(answers: ((of: Operation) => OperationResult)[], confirms: boolean) {
  const asked: (readonly ConfirmationMethod[])[] = [];
  const seen: OperationResult[] = [];
  let sent = 0;
  const { source, next } = makeSubject<Operation>();
  const exchange = confirmingExchange(async (methods) => {
    asked.push(methods);
    return confirms;
  });
  const results = exchange({
    client: {} as Client,
    dispatchDebug: () => undefined,
    forward: (operations) =>
      pipe(
        operations,
        map((of) => (answers[sent++] ?? done)(of)),
      ),
  })(source);
  pipe(
    results,
    subscribe((result) => {
      seen.push(result);
    }),
  );
  next(operation);
  await new Promise((resolve) => setTimeout(resolve));
  return { asked, seen, sent };
}

test('what needs a confirmation is sent again once the person has confirmed', async () => {
  const { asked, seen, sent } = await run([refused, done], true);
  expect(asked).toEqual([['TOTP', 'RECOVERY_CODE']]);
  expect(sent).toBe(2);
  expect(seen.map(({ data }) => data)).toEqual([{ ok: true }]);
});

test('someone who does not confirm gets the refusal, once', async () => {
  const { seen, sent } = await run([refused], false);
  expect(sent).toBe(1);
  expect(seen).toHaveLength(1);
  expect(seen[0]?.error?.graphQLErrors[0]?.extensions.code).toBe('CONFIRMATION_REQUIRED');
});

test('what was done in part is not sent again', async () => {
  const partly = (of: Operation) => ({ ...refused(of), data: { first: { ok: true }, second: null } });
  const { asked, seen, sent } = await run([partly], true);
  expect([asked.length, seen.length, sent]).toEqual([0, 1, 1]);
});
