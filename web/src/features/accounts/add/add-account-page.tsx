import { Stepper } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FragmentOf } from '@/shared/graphql/graphql';
import { Page } from '@/shared/ui/page';
import { AccountForm, type AccountFormFragment } from './account-form';
import { ProviderPicker } from './provider-picker';
import { TestFetch } from './test-fetch';

const route = getRouteApi('/signed-in/portal/accounts/new');

interface Progress {
  readonly provider?: FragmentOf<typeof AccountFormFragment>;
  readonly accountId?: string;
  readonly runId?: string | undefined;
}

/** Provider, details, first fetch: a person leaves this page knowing that it works, or what to mend. */
export function AddAccountPage() {
  const { t } = useTranslation();
  const { home } = route.useSearch();
  const [progress, setProgress] = useState<Progress>({});
  const [mending, setMending] = useState(false);
  const { provider, accountId, runId } = progress;
  const step = provider === undefined ? 0 : accountId === undefined || mending ? 1 : 2;

  return (
    <Page up="/accounts" title={t('accounts.wizard.title')} width={640}>
      <Stepper active={step} size="sm" iconSize={32} mb="lg" allowNextStepsSelect={false} wrap={false}>
        <Stepper.Step label={t('accounts.wizard.stepProvider')} />
        <Stepper.Step label={t('accounts.wizard.stepDetails')} />
        <Stepper.Step label={t('accounts.wizard.stepTest')} />
      </Stepper>
      {provider === undefined ? (
        <ProviderPicker onPick={(picked) => setProgress({ provider: picked })} />
      ) : accountId === undefined || mending ? (
        <AccountForm
          provider={provider}
          accountId={accountId}
          homeId={home}
          onBack={accountId === undefined ? () => setProgress({}) : undefined}
          onAdded={(added) => {
            setMending(false);
            setProgress({ provider, ...added });
          }}
        />
      ) : (
        <TestFetch
          accountId={accountId}
          runId={runId}
          onRun={(next) => setProgress({ provider, accountId, runId: next })}
          onMend={() => setMending(true)}
          onAnother={() => setProgress({})}
        />
      )}
    </Page>
  );
}
