import { Button, Card, Divider, SegmentedControl, Stack } from '@mantine/core';
import { IconChecks, IconInbox, IconSettings } from '@tabler/icons-react';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { sameOriginPath } from '@/shared/lib/push-message';
import { ButtonLink } from '@/shared/ui/links';
import { MoreRows } from '@/shared/ui/more-rows';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { NotificationRow, NotificationRowFragment } from './notification-row';

const InboxQuery = graphql(
  `
    query Inbox($unreadOnly: Boolean!, $first: Int!, $after: String) {
      notifications(unreadOnly: $unreadOnly, first: $first, after: $after) {
        nodes { id readAt ...NotificationRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [NotificationRowFragment],
);

const MarkRead = graphql(`
  mutation MarkNotificationsRead($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      unreadNotifications
      userErrors { code message path }
    }
  }
`);

export function InboxPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  const [unreadOnly, setUnreadOnly] = useState(false);
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const unread = data?.viewer?.unreadNotifications ?? 0;
  const [markRead, marking] = useAction(MarkRead);
  const list = usePagedQuery(InboxQuery, { unreadOnly, first: PAGE_SIZE }, (page) => page.notifications.pageInfo);
  const nodes = list.result.data?.notifications.nodes;

  const open = (masked: FragmentOf<typeof NotificationRowFragment>) => {
    const { id, readAt, link, bill, utilityAccount } = readFragment(NotificationRowFragment, masked);
    if (readAt === null) void markRead({ input: { ids: [id] } });
    if (bill) void navigate({ to: '/bills/$billId', params: { billId: bill.id } });
    else if (utilityAccount) void navigate({ to: '/accounts/$accountId', params: { accountId: utilityAccount.id } });
    else if (link) router.history.push(sameOriginPath(link, location.origin));
  };

  return (
    <Page
      title={t('inbox.title')}
      width={720}
      actions={
        unread > 0 ? (
          <Button
            size="sm"
            variant="default"
            leftSection={<IconChecks size={18} />}
            loading={marking}
            onClick={() => void markRead({ input: { all: true } })}
          >
            {t('inbox.markAll')}
          </Button>
        ) : null
      }
    >
      <Stack>
        <SegmentedControl
          value={unreadOnly ? 'unread' : 'all'}
          onChange={(value) => setUnreadOnly(value === 'unread')}
          data={[
            { value: 'all', label: t('inbox.everything') },
            { value: 'unread', label: unread > 0 ? `${t('inbox.unreadOnly')} (${unread})` : t('inbox.unreadOnly') },
          ]}
        />
        <QueryState result={list.result} data={nodes} skeleton={<RowsSkeleton rows={6} />} onRetry={list.retry}>
          {(notifications) =>
            notifications.length === 0 ? (
              <EmptyState
                icon={<IconInbox size={32} />}
                title={unreadOnly ? t('inbox.emptyUnreadTitle') : t('inbox.emptyTitle')}
                action={
                  data?.viewer?.customer ? (
                    <ButtonLink to="/settings/notifications" variant="light" leftSection={<IconSettings size={18} />}>
                      {t('inbox.settings')}
                    </ButtonLink>
                  ) : null
                }
              >
                {data?.viewer?.customer ? t('inbox.empty') : null}
              </EmptyState>
            ) : (
              <Card padding={0}>
                {notifications.map((notification, position) => (
                  <Fragment key={notification.id}>
                    {position > 0 ? <Divider /> : null}
                    <NotificationRow notification={notification} onOpen={() => open(notification)} />
                  </Fragment>
                ))}
              </Card>
            )
          }
        </QueryState>
        <MoreRows list={list} />
      </Stack>
    </Page>
  );
}
