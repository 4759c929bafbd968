import { Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { DeliveryState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';

const MessageFragment = graphql(`
  fragment StaffMessage on Notification {
    id
    kind
    title
    body
    createdAt
    readAt
    deliveries { id channel status attempts dueAt sentAt lastError }
  }
`);

export const MessagesQuery = graphql(
  `
    query StaffMessages($customerId: ID!, $first: Int!, $after: String) {
      customer(id: $customerId) {
        id
        notifications(first: $first, after: $after) {
          nodes { id ...StaffMessage }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [MessageFragment],
);

type Message = ResultOf<typeof MessageFragment>;

/** What a customer was told, and over which ways it got there. */
export function CustomerMessages({ customerId }: { readonly customerId: string }) {
  const t = useWords();
  const { t: common } = useTranslation();
  const list = usePagedQuery(
    MessagesQuery,
    { customerId, first: PAGE_SIZE },
    (data) => data.customer?.notifications?.pageInfo,
  );
  const nodes = list.result.data?.customer?.notifications?.nodes;
  const columns: Column<Message>[] = [
    {
      key: 'message',
      label: t('customers.message'),
      cell: ({ kind, title, body }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Text size="xs" c="dimmed">
            {common(`enums.notificationKind.${kind}`)} · {body}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'deliveries',
      label: t('customers.deliveries'),
      width: '38%',
      cell: ({ deliveries }) =>
        deliveries.length === 0 ? (
          <Text size="sm" c="dimmed" span>
            {t('customers.noDeliveries')}
          </Text>
        ) : (
          <Stack gap={4} align="flex-start">
            {deliveries.map((delivery) => (
              <Group key={delivery.id} gap={6}>
                <Tooltip label={t('customers.tries', { count: delivery.attempts })} withArrow>
                  <span>
                    <DeliveryState status={delivery.status} label={t(`enums.channel.${delivery.channel}`)} />
                  </span>
                </Tooltip>
                {delivery.lastError ? (
                  <Text size="xs" c="coral" style={{ overflowWrap: 'anywhere' }}>
                    {delivery.lastError}
                  </Text>
                ) : null}
              </Group>
            ))}
          </Stack>
        ),
    },
    {
      key: 'sent',
      label: t('customers.sent'),
      right: true,
      cell: ({ createdAt, readAt }) => (
        <Stack gap={0} align="flex-end">
          <When at={createdAt} />
          <Text size="xs" c="dimmed">
            {readAt ? t('customers.read') : t('customers.unread')}
          </Text>
        </Stack>
      ),
    },
  ];
  return (
    <PagedRows
      list={list}
      rows={nodes ? readFragment(MessageFragment, nodes) : undefined}
      columns={columns}
      rowKey={({ id }) => id}
      label={t('customers.messages')}
      empty={
        <EmptyState icon={<IconMessages size={32} />} title={t('customers.noMessages')}>
          {t('customers.noMessagesBody')}
        </EmptyState>
      }
    />
  );
}
