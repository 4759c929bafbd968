import { ActionIcon, Badge, Button, Group, NativeSelect, Stack, Text, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconActivity, IconBraces, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useSubscription } from 'urql';
import { refetchActive, resync } from '@/shared/graphql/client';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { CodeBlock, pretty } from '../ui/code';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { SearchBox } from '../ui/search-box';
import { SubjectLink } from '../ui/subject-link';
import { useWords } from '../words';
import { eventKinds } from './kinds';
import { joined } from './tail';

const EventFragment = graphql(`
  fragment StaffEvent on Event {
    id
    cursor
    kind
    occurredAt
    customerId
    subject
    data
    traceId
  }
`);

const EventsQuery = graphql(
  `
    query StaffEvents($kinds: [String!], $subject: ID, $first: Int!, $after: String) {
      events(kinds: $kinds, subject: $subject, newestFirst: true, first: $first, after: $after) {
        nodes { id ...StaffEvent }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [EventFragment],
);

const EventTail = graphql(
  `
    subscription StaffEventTail($kinds: [String!]) {
      events(kinds: $kinds) { cursor resync event { id ...StaffEvent } }
    }
  `,
  [EventFragment],
);

type Event = ResultOf<typeof EventFragment>;

const route = getRouteApi('/signed-in/staff/events');

export function EventsPage() {
  const t = useWords();
  const { kind, subject } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/events' });
  const set = (change: { kind?: string; subject?: string }) => {
    const next = { kind, subject, ...change };
    void navigate({
      search: { ...(next.kind ? { kind: next.kind } : {}), ...(next.subject ? { subject: next.subject } : {}) },
      replace: true,
    });
  };
  return (
    <Page title={t('events.title')} subtitle={t('events.lead')} width={1240}>
      <Stack>
        <Group gap="sm">
          <NativeSelect
            size="sm"
            aria-label={t('events.kind')}
            value={kind ?? ''}
            onChange={(event) => set({ kind: event.currentTarget.value })}
            data={[{ value: '', label: t('events.anyKind') }, ...eventKinds]}
          />
          <SearchBox
            value={subject ?? ''}
            placeholder={t('events.subject')}
            onChange={(next) => set({ subject: next })}
          />
        </Group>
        <Tail key={`${kind ?? ''} ${subject ?? ''}`} kind={kind} subject={subject} />
      </Stack>
    </Page>
  );
}

/** What a person can read through; the log itself keeps everything. */
const KEPT = 500;

function Tail({ kind, subject }: { readonly kind: string | undefined; readonly subject: string | undefined }) {
  const t = useWords();
  const columns = useEventColumns();
  const [held, setHeld] = useState<readonly Event[]>([]);
  const [arrived, setArrived] = useState<readonly Event[]>([]);
  const [paused, setPaused] = useState(false);
  const kinds = kind ? [kind] : null;
  const list = usePagedQuery(
    EventsQuery,
    { kinds, subject: subject ?? null, first: PAGE_SIZE },
    (data) => data.events.pageInfo,
  );
  useSubscription({ query: EventTail, variables: { kinds } }, (_previous: unknown, { events }) => {
    if (events.resync) resync();
    // Listening has begun: what came after the list was read is in none of the two.
    else if (!events.event) refetchActive([EventsQuery]);
    const event = readFragment(EventFragment, events.event);
    if (event && (!subject || event.subject === subject)) {
      if (paused) setHeld((before) => [event, ...before].slice(0, KEPT));
      else setArrived((before) => [event, ...before].slice(0, KEPT));
    }
    return events;
  });
  const nodes = list.result.data?.events.nodes;
  const goOn = () => {
    setArrived((before) => [...held, ...before].slice(0, KEPT));
    setHeld([]);
    setPaused(false);
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between" h={30}>
        <Badge variant="dot" color={paused ? 'gray' : 'teal'} tt="none" size="lg">
          {paused ? t('events.paused') : t('events.live')}
        </Badge>
        <Group gap="sm">
          {held.length > 0 ? (
            <Text size="sm" c="dimmed" role="status">
              {t('events.waiting', { count: held.length })}
            </Text>
          ) : null}
          <Button
            size="xs"
            variant="default"
            leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
            onClick={paused ? goOn : () => setPaused(true)}
          >
            {paused ? t('events.resume') : t('events.pause')}
          </Button>
        </Group>
      </Group>
      <PagedRows
        list={list}
        rows={nodes ? joined(arrived, readFragment(EventFragment, nodes)) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('events.title')}
        empty={
          <EmptyState icon={<IconActivity size={32} />} title={t('events.empty')}>
            {t('events.emptyBody')}
          </EmptyState>
        }
      />
    </Stack>
  );
}

function useEventColumns(): Column<Event>[] {
  const t = useWords();
  const format = useFormat();
  return [
    {
      key: 'kind',
      label: t('events.kind'),
      cell: ({ kind, cursor }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {kind}
          </Text>
          <Text size="xs" c="dimmed" className="bw-amount">
            {t('events.position')} {cursor}
          </Text>
        </Stack>
      ),
    },
    { key: 'about', label: t('events.about'), cell: ({ subject }) => <SubjectLink id={subject} /> },
    {
      key: 'customer',
      label: t('events.customer'),
      cell: ({ customerId }) => (customerId ? <SubjectLink id={customerId} /> : null),
    },
    {
      key: 'occurred',
      label: t('events.occurred'),
      cell: ({ occurredAt }) => (
        <span className="bw-amount">{format.instant(occurredAt, { dateStyle: 'short', timeStyle: 'medium' })}</span>
      ),
    },
    {
      key: 'data',
      label: t('events.particulars'),
      right: true,
      cell: ({ kind, data, traceId }) => (
        <Tooltip label={t('events.particulars')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${t('events.particulars')}: ${kind}`}
            onClick={() =>
              modals.open({
                title: kind,
                size: 'lg',
                children: (
                  <Stack>
                    <CodeBlock text={pretty(data)} maxHeight={520} />
                    {traceId ? <CodeBlock label={t('events.trace')} text={traceId} /> : null}
                  </Stack>
                ),
              })
            }
          >
            <IconBraces size={18} />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ];
}
