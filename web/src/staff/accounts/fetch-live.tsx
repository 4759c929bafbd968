import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useFetchRun } from '@/entities/account/fetch-run';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { RunBar } from '../runs/run-rows';
import { useWords } from '../words';

const FetchBills = graphql(`
  mutation StaffFetchBills($input: FetchBillsInput!) {
    fetchBills(input: $input) {
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

type Target = { readonly utilityAccountId: string } | { readonly providerId: string };

/** Fetches now and follows it: what the button starts, and what there is to show of it. */
export function useFetchNow(target: Target, currentRunId: string | undefined, onFinished: () => void) {
  const t = useWords();
  const [startedId, setStartedId] = useState<string>();
  const [fetchBills, starting] = useAction(FetchBills);
  const { run, running } = useFetchRun(startedId ?? currentRunId, onFinished);

  const start = async () => {
    const { payload, userErrors } = await fetchBills({ input: target });
    toastErrors(userErrors, t('accounts.fetchFailed'));
    if (payload?.fetchRun) setStartedId(payload.fetchRun.id);
  };

  const button = (
    <Button
      size="sm"
      leftSection={<IconRefresh size={17} />}
      loading={starting || running}
      onClick={() => void start()}
    >
      {'providerId' in target ? t('providers.fetchAll') : t('accounts.fetchNow')}
    </Button>
  );
  // What was over before anybody came is history, not progress.
  const progress = run && (running || startedId) ? <FetchProgress run={run} running={running} /> : null;
  return { button, progress };
}

interface ProgressProps {
  readonly run: NonNullable<ReturnType<typeof useFetchRun>['run']>;
  readonly running: boolean;
}

function FetchProgress({ run, running }: ProgressProps) {
  const t = useWords();
  const failed = run.failed > 0;
  const words = () => {
    if (running) return t('accounts.fetching');
    const parts = [
      failed ? t('accounts.fetchFailed') : undefined,
      run.billsNew > 0 ? t('accounts.fetchedNew', { count: run.billsNew }) : undefined,
      run.billsChanged > 0 ? t('accounts.fetchedChanged', { count: run.billsChanged }) : undefined,
    ].filter(Boolean);
    return parts.length > 0 ? parts.join(', ') : t('accounts.fetchedNone');
  };
  return (
    <Alert
      radius="lg"
      role="status"
      color={failed ? 'orange' : running ? 'tide' : 'teal'}
      icon={failed ? <IconAlertTriangle /> : running ? <IconRefresh /> : <IconCircleCheck />}
      title={words()}
    >
      <Group justify="space-between" align="flex-end" wrap="nowrap">
        <RunBar run={run} size="lg" />
        <AnchorLink to="/staff/runs/$runId" params={{ runId: run.id }} size="sm" style={{ flexShrink: 0 }}>
          <Text span inherit>
            {t('accounts.seeRun')}
          </Text>
        </AnchorLink>
      </Group>
    </Alert>
  );
}
