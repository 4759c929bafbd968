import { Button, Group, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFetchRun } from '@/entities/account/fetch-run';
import { graphql } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';

const FetchBills = graphql(`
  mutation FetchBills($input: FetchBillsInput!) {
    fetchBills(input: $input) {
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly accountId: string;
  /** A fetch that was already running when the page was opened. */
  readonly currentRunId: string | undefined;
  readonly onFinished: () => void;
}

/** Fetches an account now and says what came of it, without leaving the page. */
export function FetchNow({ accountId, currentRunId, onFinished }: Props) {
  const { t } = useTranslation();
  const [startedId, setStartedId] = useState<string>();
  const [fetchBills, starting] = useAction(FetchBills);
  const { run, running } = useFetchRun(startedId ?? currentRunId, onFinished);
  const busy = starting || running;

  const start = async () => {
    const { payload, userErrors } = await fetchBills({ input: { utilityAccountId: accountId } });
    toastErrors(userErrors, t('accounts.detail.fetchFailed'));
    if (payload?.fetchRun) setStartedId(payload.fetchRun.id);
  };

  const words = () => {
    if (!run || running || startedId === undefined) return null;
    if (run.failed > 0) return t('accounts.detail.fetchFailed');
    if (run.billsNew > 0) return t('accounts.detail.fetched', { count: run.billsNew });
    if (run.billsChanged > 0) return t('accounts.detail.fetchedChanged', { count: run.billsChanged });
    return t('accounts.detail.fetchedNone');
  };

  return (
    <Group gap="sm">
      <Text size="sm" c={run && run.failed > 0 ? 'coral' : 'dimmed'} role="status">
        {busy ? t('accounts.detail.fetching') : words()}
      </Text>
      <Button
        size="sm"
        variant="light"
        leftSection={<IconRefresh size={17} />}
        loading={busy}
        onClick={() => void start()}
      >
        {t('accounts.detail.fetchNow')}
      </Button>
    </Group>
  );
}
