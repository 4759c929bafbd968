import { Stack, Text, Tooltip } from '@mantine/core';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink } from '@/shared/ui/links';
import type { Column } from '../ui/rows';
import { Outcome } from '../ui/statuses';
import { useDuration, When } from '../ui/when';
import { useWords } from '../words';

export const AttemptFragment = graphql(`
  fragment StaffAttempt on FetchAttempt {
    id
    startedAt
    durationMs
    outcome
    message
    billsSeen
    billsNew
    billsChanged
    slot
    worker
    utilityAccount {
      id
      label
      identifierHint
      customer { id name }
    }
  }
`);

type Attempt = ResultOf<typeof AttemptFragment>;

/** What there is to know of a fetch: how it went, how long it took, and what the provider said, in words. */
export function useAttemptColumns({ withAccount }: { readonly withAccount: boolean }): Column<Attempt>[] {
  const t = useWords();
  const format = useFormat();
  const duration = useDuration();
  const account: Column<Attempt> = {
    key: 'account',
    label: t('runs.account'),
    cell: ({ utilityAccount }) => (
      <Stack gap={0}>
        <AnchorLink to="/staff/accounts/$accountId" params={{ accountId: utilityAccount.id }} size="sm" fw={600}>
          {utilityAccount.label} {utilityAccount.identifierHint}
        </AnchorLink>
        <Text size="xs" c="dimmed">
          {utilityAccount.customer.name}
        </Text>
      </Stack>
    ),
  };
  const when: Column<Attempt> = {
    key: 'when',
    label: t('runs.when'),
    cell: ({ startedAt, slot }) => (
      <Stack gap={0}>
        <When at={startedAt} />
        {slot ? (
          <Text size="xs" c="dimmed">
            {t('runs.slot', { when: format.instant(slot) })}
          </Text>
        ) : null}
      </Stack>
    ),
  };
  return [
    withAccount ? account : when,
    {
      key: 'outcome',
      label: t('runs.outcome'),
      width: '36%',
      cell: ({ outcome, message }) => (
        <Stack gap={2} align="flex-start">
          <Outcome outcome={outcome} />
          {message ? (
            <Text size="xs" c="dimmed">
              {message}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'bills',
      label: t('runs.bills'),
      width: 130,
      cell: ({ billsSeen, billsNew, billsChanged }) =>
        [
          t('runs.seen', { count: billsSeen }),
          billsNew > 0 ? t('runs.new', { count: billsNew }) : undefined,
          billsChanged > 0 ? t('runs.changed', { count: billsChanged }) : undefined,
        ]
          .filter(Boolean)
          .join(', '),
    },
    {
      key: 'took',
      label: t('runs.took_'),
      right: true,
      cell: ({ durationMs, worker }) => (
        <Tooltip label={`${t('runs.worker')}: ${worker}`} withArrow>
          <span className="bw-amount">{duration(durationMs)}</span>
        </Tooltip>
      ),
    },
    ...(withAccount ? [{ ...when, right: true }] : []),
  ];
}
