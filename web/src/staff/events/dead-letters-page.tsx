import { ActionIcon, Badge, Button, Card, Group, SegmentedControl, Stack, Text, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconBraces, IconMailCheck, IconRepeat, IconTrash } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { refetchActive } from '@/shared/graphql/client';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { memberOf } from '@/shared/graphql/query-set';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { pulseQueries } from '../pulse';
import { ask } from '../ui/ask';
import { CodeBlock, pretty } from '../ui/code';
import { SubjectLink } from '../ui/subject-link';
import { When } from '../ui/when';
import { useWords } from '../words';

const DeadLetterFragment = graphql(`
  fragment StaffDeadLetter on DeadLetter {
    id
    consumer
    error
    attempts
    createdAt
    resolvedAt
    resolution
    event { id kind subject data }
  }
`);

const DeadLettersQuery = memberOf(
  [pulseQueries],
  graphql(
    `
    query StaffDeadLetters($unresolvedOnly: Boolean!, $first: Int!, $after: String) {
      deadLetters(unresolvedOnly: $unresolvedOnly, first: $first, after: $after) {
        nodes { id ...StaffDeadLetter }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
    [DeadLetterFragment],
  ),
);

const ReplayDeadLetter = graphql(`
  mutation StaffReplayDeadLetter($input: ReplayDeadLetterInput!) {
    replayDeadLetter(input: $input) {
      deadLetter { id error attempts resolvedAt resolution }
      userErrors { code message path }
    }
  }
`);

const DiscardDeadLetter = graphql(`
  mutation StaffDiscardDeadLetter($input: DiscardDeadLetterInput!) {
    discardDeadLetter(input: $input) {
      deadLetter { id resolvedAt resolution }
      userErrors { code message path }
    }
  }
`);

type DeadLetter = ResultOf<typeof DeadLetterFragment>;

const route = getRouteApi('/signed-in/staff/dead-letters');

export function DeadLettersPage() {
  const t = useWords();
  const { show } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/dead-letters' });
  const unresolvedOnly = show !== 'all';
  const list = usePagedQuery(
    DeadLettersQuery,
    { unresolvedOnly, first: PAGE_SIZE },
    (data) => data.deadLetters.pageInfo,
  );
  const nodes = list.result.data?.deadLetters.nodes;
  const letters = nodes
    ? readFragment(DeadLetterFragment, nodes).filter(({ resolvedAt }) => !unresolvedOnly || resolvedAt === null)
    : undefined;
  return (
    <Page title={t('deadLetters.title')} subtitle={t('deadLetters.lead')} width={1000}>
      <Stack>
        <SegmentedControl
          maw={260}
          size="sm"
          aria-label={t('list.filter')}
          value={unresolvedOnly ? 'open' : 'all'}
          onChange={(value) => void navigate({ search: value === 'all' ? { show: 'all' } : {}, replace: true })}
          data={[
            { value: 'open', label: t('deadLetters.open') },
            { value: 'all', label: t('deadLetters.all') },
          ]}
        />
        <QueryState
          result={list.result}
          data={letters}
          skeleton={<RowsSkeleton rows={3} height={130} />}
          onRetry={list.retry}
        >
          {(loaded) =>
            loaded.length === 0 ? (
              <EmptyState icon={<IconMailCheck size={32} />} title={t('deadLetters.empty')}>
                {t('deadLetters.emptyBody')}
              </EmptyState>
            ) : (
              <Stack gap="sm">
                {loaded.map((letter) => (
                  <Letter key={letter.id} letter={letter} />
                ))}
                {list.hasMore ? (
                  <Button variant="default" size="sm" loading={list.loadingMore} onClick={list.loadMore}>
                    {t('list.more')}
                  </Button>
                ) : null}
              </Stack>
            )
          }
        </QueryState>
      </Stack>
    </Page>
  );
}

function Letter({ letter }: { readonly letter: DeadLetter }) {
  const t = useWords();
  const [replay, replaying] = useAction(ReplayDeadLetter);
  const [discard] = useAction(DiscardDeadLetter);
  const input = { input: { deadLetterId: letter.id } };
  const again = async () => {
    const { payload, userErrors } = await replay(input);
    toastErrors(userErrors, t('deadLetters.replay'));
    refetchActive([pulseQueries]);
    if (payload?.deadLetter?.resolvedAt) notifications.show({ color: 'teal', message: t('deadLetters.replayed') });
  };
  return (
    <Card>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start">
          <Stack gap={2}>
            <Group gap="xs">
              <Text fw={650}>{letter.event.kind}</Text>
              <Badge variant="default" tt="none">
                {letter.consumer}
              </Badge>
            </Group>
            <Group gap={6}>
              <SubjectLink id={letter.event.subject} />
              <Text size="xs" c="dimmed">
                {t('deadLetters.since')} <When at={letter.createdAt} />,{' '}
                {t('deadLetters.attempts', { count: letter.attempts })}
              </Text>
            </Group>
          </Stack>
          {letter.resolvedAt ? (
            <Badge variant="light" color={letter.resolution === 'REPLAYED' ? 'teal' : 'gray'} tt="none">
              {letter.resolution === 'REPLAYED' ? t('enums.resolution.REPLAYED') : t('enums.resolution.DISCARDED')}
            </Badge>
          ) : (
            <Group gap="xs">
              <Tooltip label={t('events.particulars')}>
                <ActionIcon
                  variant="default"
                  size={30}
                  aria-label={t('events.particulars')}
                  onClick={() =>
                    modals.open({
                      title: letter.event.kind,
                      size: 'lg',
                      children: <CodeBlock text={pretty(letter.event.data)} maxHeight={520} />,
                    })
                  }
                >
                  <IconBraces size={17} />
                </ActionIcon>
              </Tooltip>
              <Button
                size="xs"
                variant="light"
                leftSection={<IconRepeat size={15} />}
                loading={replaying}
                onClick={() => void again()}
              >
                {t('deadLetters.replay')}
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconTrash size={15} />}
                onClick={() =>
                  ask({
                    title: t('deadLetters.discardTitle'),
                    body: t('deadLetters.discardBody'),
                    confirm: t('deadLetters.discard'),
                    danger: true,
                    done: t('deadLetters.discarded'),
                    run: () => discard(input),
                    onDone: () => refetchActive([pulseQueries]),
                  })
                }
              >
                {t('deadLetters.discard')}
              </Button>
            </Group>
          )}
        </Group>
        <CodeBlock text={letter.error} maxHeight={160} />
      </Stack>
    </Card>
  );
}
