import { Alert, Button, Skeleton, Stack, Text } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { firstChoice, HOSTED, MethodChoice } from '@/features/methods/method-choice';
import { MethodFragment, PaymentMethodsQuery } from '@/features/methods/method-fragment';
import type { UserError } from '@/shared/graphql/errors';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { QueryState } from '@/shared/ui/states';
import { leaveFor, returnUrl, useSend } from './pay';

const RetryPayment = graphql(`
  mutation RetryPayment($input: RetryPaymentInput!) {
    retryPayment(input: $input) {
      payment { id status statusReason declineKind actionUrl canRetry canCancel }
      userErrors { code message path }
    }
  }
`);

/** Asks by what to pay instead. */
export function openRetry(title: string, paymentId: string, onDone: () => void): void {
  const id = modals.open({
    title,
    children: (
      <RetryForm
        paymentId={paymentId}
        onDone={() => {
          modals.close(id);
          onDone();
        }}
      />
    ),
  });
}

function RetryForm({ paymentId, onDone }: { readonly paymentId: string; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const { online } = useNetwork();
  const [result, execute] = useQuery({ query: PaymentMethodsQuery });
  const methods = readFragment(MethodFragment, result.data?.paymentMethods ?? []);
  const [chosen, setChosen] = useState<string>();
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(RetryPayment, `retry:${paymentId}`);
  const method = chosen ?? firstChoice(methods);
  const retry = async () => {
    const hosted = method === HOSTED;
    const made = await send((idempotencyKey) => ({
      input: {
        paymentId,
        paymentMethodId: hosted ? null : method,
        hostedPage: hosted,
        returnUrl: returnUrl(`/payments/${paymentId}`),
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    if (made.userErrors.length > 0) return;
    if (hosted && made.payment?.actionUrl) {
      leaveFor(made.payment.actionUrl);
      return;
    }
    onDone();
  };
  return (
    <Stack>
      <QueryState
        result={result}
        data={result.data}
        skeleton={<Skeleton height={140} aria-busy="true" />}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {() => <MethodChoice methods={methods} value={method} onChange={setChosen} disabled={busy || unsure} />}
      </QueryState>
      {refusals.map(({ message }) => (
        <Alert key={message} color="coral" role="alert">
          {message}
        </Alert>
      ))}
      <Text size="sm" c="dimmed">
        {unsure ? t('pay.unsure') : t('payments.retryHint')}
      </Text>
      <Button loading={busy} disabled={!online || !result.data} onClick={() => void retry()}>
        {unsure ? t('common.retry') : t('payments.payNow')}
      </Button>
    </Stack>
  );
}
