import { Alert, Button, Chip, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { firstChoice, HOSTED, MethodChoice } from '@/features/methods/method-choice';
import { MethodFragment, PaymentMethodsQuery } from '@/features/methods/method-fragment';
import { leaveFor, returnUrl, useSend } from '@/features/payments/pay';
import { PaymentCardFragment } from '@/features/payments/payment-card';
import type { UserError } from '@/shared/graphql/errors';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { minorDigits, parseMinor } from '@/shared/lib/money';
import { QueryState } from '@/shared/ui/states';

const TopUpWallet = graphql(
  `
    mutation TopUpWallet($input: TopUpWalletInput!) {
      topUpWallet(input: $input) {
        payment { id status actionUrl ...PaymentCard }
        userErrors { code message path }
      }
    }
  `,
  [PaymentCardFragment],
);

const USUAL = [20, 50, 100];

export function openTopUp(title: string, currency: string): void {
  const id = modals.open({ title, children: <TopUpForm currency={currency} onClose={() => modals.close(id)} /> });
}

function TopUpForm({ currency, onClose }: { readonly currency: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const { online } = useNetwork();
  const [result, execute] = useQuery({ query: PaymentMethodsQuery });
  const methods = readFragment(MethodFragment, result.data?.paymentMethods ?? []);
  const [amount, setAmount] = useState(String(USUAL[1]));
  const [chosen, setChosen] = useState<string>();
  const [tried, setTried] = useState(false);
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(TopUpWallet, `wallet:${currency}`);
  const method = chosen ?? firstChoice(methods);
  const minor = parseMinor(amount, currency);
  const valid = minor !== undefined && BigInt(minor) > 0n;
  const locked = busy || unsure;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!valid) return;
    const hosted = method === HOSTED;
    const made = await send((idempotencyKey) => ({
      input: {
        amount: { amountMinor: minor },
        currency,
        paymentMethodId: hosted ? null : method,
        hostedPage: hosted,
        returnUrl: hosted ? null : returnUrl('/payments/return'),
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    const { payment } = made;
    if (!payment || made.userErrors.length > 0) return;
    onClose();
    if (hosted && payment.actionUrl) leaveFor(payment.actionUrl);
    else void navigate({ to: '/payments/$paymentId', params: { paymentId: payment.id } });
  };

  const unit = 10n ** BigInt(minorDigits(currency));
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <TextInput
          label={t('wallet.amount')}
          inputMode="decimal"
          autoComplete="off"
          data-autofocus
          disabled={locked}
          rightSection={
            <Text size="sm" c="dimmed">
              {currency}
            </Text>
          }
          rightSectionWidth={56}
          value={amount}
          error={tried && !valid ? t('pay.amountProblem.unreadable') : undefined}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        <Chip.Group value={amount} onChange={(value) => setAmount(String(value))}>
          <Group gap="xs">
            {USUAL.map((value) => (
              <Chip key={value} value={String(value)} disabled={locked}>
                {format.money({ amountMinor: String(BigInt(value) * unit), currency }, true)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <QueryState
          result={result}
          data={result.data}
          skeleton={<Skeleton height={140} aria-busy="true" />}
          onRetry={() => execute({ requestPolicy: 'network-only' })}
        >
          {() => <MethodChoice methods={methods} value={method} onChange={setChosen} disabled={locked} />}
        </QueryState>
        {refusals.map(({ message }) => (
          <Alert key={message} color="coral" role="alert">
            {message}
          </Alert>
        ))}
        {unsure ? (
          <Alert color="orange" role="status" title={t('pay.unsureTitle')}>
            {t('pay.unsure')}
          </Alert>
        ) : null}
        <Button type="submit" loading={busy} disabled={!online || !result.data}>
          {unsure
            ? t('common.retry')
            : valid
              ? t('wallet.topUpBy', { amount: format.money({ amountMinor: minor, currency }) })
              : t('wallet.topUp')}
        </Button>
      </Stack>
    </form>
  );
}
