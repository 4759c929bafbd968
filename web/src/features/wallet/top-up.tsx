import { Button, Chip, Group, Stack, Text, TextInput } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { useSend } from '@/entities/payment/send';
import { useMethodChoice } from '@/features/methods/use-method-choice';
import { meansOf, useGoOn } from '@/features/payments/pay-flow';
import { SendProblems } from '@/features/payments/send-problems';
import type { UserError } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { minorDigits, parseMinor } from '@/shared/lib/money';

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
  const goOn = useGoOn();
  const { online } = useNetwork();
  const { method, choice, known } = useMethodChoice();
  const [amount, setAmount] = useState(String(USUAL[1]));
  const [tried, setTried] = useState(false);
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(TopUpWallet, `wallet:${currency}`);
  const minor = parseMinor(amount, currency);
  const valid = minor !== undefined && BigInt(minor) > 0n;
  const locked = busy || unsure;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!valid) return;
    const means = meansOf(method);
    const made = await send((idempotencyKey) => ({
      input: {
        amount: { amountMinor: minor },
        currency,
        ...means,
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    const { payment } = made;
    if (!payment || made.userErrors.length > 0) return;
    onClose();
    goOn(payment, means);
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
        {choice(locked)}
        <SendProblems refusals={refusals} unsure={unsure} />
        <Button type="submit" loading={busy} disabled={!online || !known}>
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
