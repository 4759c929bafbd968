import { ActionIcon, Badge, Button, Group, NativeSelect, Stack, Text, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconActivity, IconBraces, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery, useSubscription } from 'urql';
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
import { inwardKinds } from './kinds';
import { joined } from './tail';

const EventFragment = graphql(`
  fragment StaffEvent on Event {
    id
    cursor
    kind
    type
    occurredAt
    customerId
    subject
    data
    traceId
  }
`);

const EventsQuery = graphql(
  `
    query StaffEvents($kinds: [String!], $types: [String!], $subject: ID, $first: Int!, $after: String) {
      events(kinds: $kinds, types: $types, subject: $subject, newestFirst: true, first: $first, after: $after) {
        nodes { id ...StaffEvent }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [EventFragment],
);

const EventTail = graphql(
  `
    subscription StaffEventTail($kinds: [String!], $types: [String!]) {
      events(kinds: $kinds, types: $types) { cursor resync event { id ...StaffEvent } }
    }
  `,
  [EventFragment],
);

const EventTypesQuery = graphql(`
  query StaffEventTypes {
    eventTypes { name description }
  }
`);

type Event = ResultOf<typeof EventFragment>;

const route = getRouteApi('/signed-in/staff/events');

export function EventsPage() {
  const t = useWords();
  const wanted = route.useSearch();
  const { type, kind, subject } = wanted;
  const navigate = useNavigate({ from: '/staff/events' });
  const [{ data }] = useQuery({ query: EventTypesQuery });
  const types = data?.eventTypes.map(({ name }) => name) ?? (type ? [type] : []);
  const set = (change: { type?: string; kind?: string; subject?: string }) => {
    const next = Object.entries({ ...wanted, ...change }).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  return (
    <Page title={t('events.title')} subtitle={t('events.lead')} width={1240}>
      <Stack>
        <Group gap="sm">
          <NativeSelect
            size="sm"
            aria-label={t('events.what')}
            value={type ?? kind ?? ''}
            onChange={({ currentTarget: { value } }) =>
              set(inwardKinds.includes(value) ? { type: '', kind: value } : { type: value, kind: '' })
            }
            data={[
              { value: '', label: t('events.anything') },
              { group: t('events.toldOutside'), items: types },
              { group: t('events.inward'), items: inwardKinds },
            ]}
          />
          <SearchBox
            value={subject ?? ''}
            placeholder={t('events.subject')}
            onChange={(next) => set({ subject: next })}
          />
        </Group>
        <Tail key={`${type ?? ''} ${kind ?? ''} ${subject ?? ''}`} type={type} kind={kind} subject={subject} />
      </Stack>
    </Page>
  );
}

/** What a person can read through; the log itself keeps everything. */
const KEPT = 500;

function Tail({
  type,
  kind,
  subject,
}: {
  readonly type: string | undefined;
  readonly kind: string | undefined;
  readonly subject: string | undefined;
}) {
  const t = useWords();
  const columns = useEventColumns();
  const [held, setHeld] = useState<readonly Event[]>([]);
  const [arrived, setArrived] = useState<readonly Event[]>([]);
  const [paused, setPaused] = useState(false);
  const kinds = kind ? [kind] : null;
  const types = type ? [type] : null;
  const list = usePagedQuery(
    EventsQuery,
    { kinds, types, subject: subject ?? null, first: PAGE_SIZE },
    (data) => data.events.pageInfo,
  );
  useSubscription({ query: EventTail, variables: { kinds, types } }, (_previous: unknown, { events }) => {
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
      key: 'what',
      label: t('events.what'),
      cell: ({ type, kind, cursor }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {type ?? kind}
          </Text>
          <Text size="xs" c="dimmed" className="bw-amount">
            {type && type !== kind ? `${kind} · ` : ''}
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
      cell: ({ type, kind, data, traceId }) => (
        <Tooltip label={t('events.particulars')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${t('events.particulars')}: ${type ?? kind}`}
            onClick={() =>
              modals.open({
                title: type ?? kind,
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
