import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { Section } from '../ui/section';
import { DocumentState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';

const FailedDocumentFragment = graphql(`
  fragment StaffFailedDocument on Document {
    id
    kind
    number
    status
    statusReason
    canRetry
    createdAt
    payment { id customer { id name } }
  }
`);

export const FailedDocumentsQuery = graphql(
  `
    query StaffFailedDocuments($first: Int!, $after: String) {
      failedDocuments(first: $first, after: $after) {
        totalCount
        nodes { id ...StaffFailedDocument }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [FailedDocumentFragment],
);

const RetryDocument = graphql(`
  mutation StaffRetryDocument($input: RetryDocumentInput!) {
    retryDocument(input: $input) {
      document { id status statusReason canRetry }
      userErrors { code message path }
    }
  }
`);

type Failed = ResultOf<typeof FailedDocumentFragment>;

/** Has a document made again; answers which one is on its way. */
export function useRetryDocument(onDone: () => void) {
  const t = useWords();
  const [retry] = useAction(RetryDocument);
  const [busy, setBusy] = useState<string>();
  const again = async (documentId: string) => {
    setBusy(documentId);
    const { payload, userErrors } = await retry({ input: { documentId } });
    setBusy(undefined);
    toastErrors(userErrors, t('documents.again'));
    if (payload && userErrors.length === 0) notifications.show({ color: 'teal', message: t('documents.queued') });
    onDone();
  };
  return { again, busy };
}

/** Invoices and receipts that could not be made, to be made again when the cause is gone. */
export function FailedDocuments() {
  const t = useWords();
  const list = usePagedQuery(FailedDocumentsQuery, { first: PAGE_SIZE }, (data) => data.failedDocuments.pageInfo);
  const { again, busy } = useRetryDocument(list.retry);
  const data = list.result.data?.failedDocuments;
  const columns: Column<Failed>[] = [
    {
      key: 'document',
      label: t('documents.document'),
      cell: ({ kind, number }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {t(`enums.document.${kind}`)}
          </Text>
          {number ? (
            <Text size="xs" c="dimmed" ff="monospace">
              {number}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'payment',
      label: t('documents.customer'),
      cell: ({ payment }) =>
        payment ? (
          <AnchorLink to="/staff/payments/$paymentId" params={{ paymentId: payment.id }} size="sm">
            {payment.customer.name}
          </AnchorLink>
        ) : null,
    },
    {
      key: 'reason',
      label: t('documents.reason'),
      cell: ({ status, statusReason }) => (
        <Stack gap={2} align="flex-start">
          {status === 'READY' ? <Text size="sm">{t('documents.outdated')}</Text> : <DocumentState status={status} />}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {statusReason}
          </Text>
        </Stack>
      ),
    },
    { key: 'since', label: t('documents.since'), cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      key: 'again',
      label: t('documents.again'),
      right: true,
      cell: ({ id, canRetry }) =>
        canRetry ? (
          <Button size="xs" variant="light" loading={busy === id} onClick={() => void again(id)}>
            {t('documents.again')}
          </Button>
        ) : (
          t('documents.queued')
        ),
    },
  ];
  return (
    <Section bare title={t('documents.title')} hint={t('documents.hint')}>
      {data && data.totalCount > 0 ? (
        <Text size="sm" c="dimmed">
          {t('documents.count', { count: data.totalCount })}
        </Text>
      ) : null}
      <PagedRows
        list={list}
        rows={data ? readFragment(FailedDocumentFragment, data.nodes) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('documents.title')}
        empty={
          <Card>
            <Group gap="sm" wrap="nowrap">
              <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden="true" />
              <Text size="sm">{t('documents.none')}</Text>
            </Group>
          </Card>
        }
      />
    </Section>
  );
}
