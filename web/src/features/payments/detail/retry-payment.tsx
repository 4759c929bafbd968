import { Button, Stack, Text } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PaidBillsFragment } from '@/entities/payment/paid-bills';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { useSend } from '@/entities/payment/send';
import { useMethodChoice } from '@/features/methods/use-method-choice';
import type { UserError } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { Problems } from '@/shared/ui/problems';
import { leaveFor, meansOf, returnUrl } from '../pay-flow';

const RetryPayment = graphql(
  `
    mutation RetryPayment($input: RetryPaymentInput!) {
      retryPayment(input: $input) {
        payment { ...PaymentCard ...PaidBills id status statusReason declineKind actionUrl canRetry canCancel }
        userErrors { code message path }
      }
    }
  `,
  [PaymentCardFragment, PaidBillsFragment],
);

interface Failed {
  readonly id: string;
  readonly method: { readonly id: string } | null;
}

/** Asks by what to pay instead. */
export function openRetry(title: string, payment: Failed, onDone: () => void): void {
  const id = modals.open({
    title,
    children: (
      <RetryForm
        payment={payment}
        onDone={() => {
          modals.close(id);
          onDone();
        }}
      />
    ),
  });
}

function RetryForm({ payment, onDone }: { readonly payment: Failed; readonly onDone: () => void }) {
  const paymentId = payment.id;
  const { t } = useTranslation();
  const { online } = useNetwork();
  const { method, choice, known } = useMethodChoice(payment.method?.id);
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(RetryPayment, `retry:${paymentId}`);
  const retry = async () => {
    const means = meansOf(method);
    const made = await send((idempotencyKey) => ({
      input: {
        paymentId,
        ...means,
        // Which payment it is, is known already.
        returnUrl: returnUrl(`/payments/${paymentId}`),
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    if (made.userErrors.length > 0) return;
    if (means.hostedPage && made.payment?.actionUrl) {
      leaveFor(made.payment.actionUrl);
      return;
    }
    onDone();
  };
  return (
    <Stack>
      {choice(busy || unsure)}
      <Problems problems={refusals.map(({ message }) => message)} />
      <Text size="sm" c="dimmed">
        {unsure ? t('pay.unsure') : t('payments.retryHint')}
      </Text>
      <Button loading={busy} disabled={!online || !known} onClick={() => void retry()}>
        {unsure ? t('common.retry') : t('payments.payNow')}
      </Button>
    </Stack>
  );
}
