import type { Page } from '@playwright/test';
import { money } from '../support/pages';
import { OPERATOR, unique, voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

interface Failed {
  readonly id: string;
  readonly number: string;
}

/**
 * A document is given up after hours. So that nobody waits for that, the server's answers say it of these documents, until
 * they are made again.
 */
async function giveUp(page: Page, payment: { id: string; customer: string }, documents: readonly Failed[]) {
  const waiting = new Set(documents.map(({ id }) => id));
  const retried: string[] = [];
  await page.route('**/graphql', async (route) => {
    const { operationName, variables } = route.request().postDataJSON();
    if (operationName === 'StaffRetryDocument') {
      const { documentId } = variables.input;
      retried.push(documentId);
      waiting.delete(documentId);
      const document = {
        __typename: 'Document',
        id: documentId,
        status: 'QUEUED',
        statusReason: null,
        canRetry: false,
      };
      const retryDocument = { __typename: 'RetryDocumentPayload', document, userErrors: [] };
      return route.fulfill({ json: { data: { __typename: 'Mutation', retryDocument } } });
    }
    if (operationName !== 'StaffFailedDocuments' && operationName !== 'StaffDashboard') return route.fallback();
    const nodes = documents
      .filter(({ id }) => waiting.has(id))
      .map(({ id, number }) => ({
        __typename: 'Document',
        id,
        number,
        kind: 'RECEIPT',
        status: 'FAILED',
        statusReason: 'the object store has no room: No space left on device (os error 28)',
        canRetry: true,
        createdAt: '2026-11-21T09:00:00Z',
        payment: {
          __typename: 'Payment',
          id: payment.id,
          customer: { __typename: 'Customer', id: 'cust_7zzzzzzzzzzzzzzzzzzzzzzzzz', name: payment.customer },
        },
      }));
    const failedDocuments = {
      __typename: 'DocumentConnection',
      totalCount: nodes.length,
      nodes,
      pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
    };
    if (operationName === 'StaffFailedDocuments') return route.fulfill({ json: { data: { failedDocuments } } });
    const answer = await route.fetch();
    const { data } = await answer.json();
    return route.fulfill({ json: { data: { ...data, failedDocuments } } });
  });
  return retried;
}

test('an operator finds documents that could not be made and has them made again', async ({ person, sandbox }) => {
  const { api } = await person();
  const account = voltaraNumber();
  const name = `Dora Document ${unique()}`;
  await sandbox.addAccount('voltara', account);
  await api.signUp(name);
  await api.addVoltara(account, 'Flat');
  await sandbox.issueBill('voltara', account, 21_212);
  await expect.poll(() => api.billOf(21_212).catch(() => undefined)).toBeTruthy();
  const paymentId = await api.pay(await api.billOf(21_212), await api.saveCard('pm_card_visa'));

  const { page } = await person(OPERATOR);
  const main = page.getByRole('main');
  const failed = [
    { id: 'doc_7zzzzzzzzzzzzzzzzzzzzzzzzz', number: 'R-2026-0000042' },
    { id: 'doc_7zzzzzzzzzzzzzzzzzzzzzzzzy', number: 'R-2026-0000041' },
  ];
  const retried = await giveUp(page, { id: paymentId, customer: name }, failed);
  await page.goto('/staff');
  await expect(main).toContainText('2 documents could not be made');
  await main.getByRole('link', { name: 'Look at the documents' }).click();
  await expect(page.getByRole('heading', { name: 'Documents that could not be made' })).toBeVisible();
  const row = page.getByRole('row', { name: /R-2026-0000042/ });
  await expect(row).toContainText('No space left on device');
  await row.getByRole('button', { name: 'Make again' }).click();
  await expect(row).toBeHidden();
  expect(retried).toEqual([failed[0]?.id]);
  await expect(main).toContainText('1 document');
  await page
    .getByRole('row', { name: /R-2026-0000041/ })
    .getByRole('link', { name })
    .click();
  await expect(
    page.getByRole('heading', { name: new RegExp(money(21_212)) }).or(main.getByText(money(21_212)).first()),
  ).toBeVisible();
});
