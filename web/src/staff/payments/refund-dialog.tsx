import { Alert, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSend } from '@/entities/payment/send';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { decimalOf, parseMinor } from '@/shared/lib/money';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { ReasonField } from '../ui/reason-field';
import { useWords } from '../words';
import type { StaffPayment } from './payment-page';

const RefundPayment = graphql(`
  mutation StaffRefundPayment($input: RefundPaymentInput!) {
    refundPayment(input: $input) {
      refunds { id status amount { amountMinor currency } }
      payment { id status actionUrl refunded { amountMinor currency } refundable { amountMinor currency } }
      userErrors { code message path }
    }
  }
`);

export function openRefund(title: string, payment: StaffPayment, onDone: () => void): void {
  const id = modals.open({
    title,
    size: 'lg',
    children: (
      <RefundForm
        payment={payment}
        onClose={() => modals.close(id)}
        onDone={() => {
          modals.close(id);
          onDone();
        }}
      />
    ),
  });
}

interface Props {
  readonly payment: StaffPayment;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Gives money back: all of it or a part, for one bill or the whole payment, to where it came from or to the wallet. */
function RefundForm({ payment, onClose, onDone }: Props) {
  const t = useWords();
  const { t: common } = useTranslation();
  const format = useFormat();
  const { currency } = payment.amount;
  const [allocationId, setAllocationId] = useState('');
  const part = payment.allocations.find(({ id }) => id === allocationId);
  const most = part
    ? {
        amountMinor: String(BigInt(part.amount.amountMinor) - BigInt(part.refunded.amountMinor)),
        currency,
      }
    : payment.refundable;
  const [amount, setAmount] = useState(() => decimalOf(payment.refundable));
  const [target, setTarget] = useState('gateway');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const { send, busy, unsure } = useSend(RefundPayment, `refund:${payment.id}`);
  const minor = parseMinor(amount, currency);
  const fits = minor !== undefined && BigInt(minor) > 0n && BigInt(minor) <= BigInt(most.amountMinor);
  const locked = busy || unsure;

  const choosePart = (id: string) => {
    setAllocationId(id);
    const chosen = payment.allocations.find((one) => one.id === id);
    setAmount(
      decimalOf(
        chosen
          ? {
              amountMinor: String(BigInt(chosen.amount.amountMinor) - BigInt(chosen.refunded.amountMinor)),
              currency,
            }
          : payment.refundable,
      ),
    );
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!fits || reason.trim() === '') return;
    const whole = !part && minor === payment.refundable.amountMinor;
    const made = await send((idempotencyKey) => ({
      input: {
        paymentId: payment.id,
        amount: whole ? null : { amountMinor: minor },
        allocationId: allocationId || null,
        toWallet: target === 'wallet',
        reason: reason.trim(),
        idempotencyKey,
      },
    }));
    if (!made) return;
    setProblems(made.userErrors.map(({ message }) => message));
    if (made.userErrors.length > 0) return;
    notifications.show({ color: 'teal', message: t('refund.done') });
    onDone();
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Text size="sm">{t('refund.lead', { amount: format.money(payment.refundable) })}</Text>
        <Problems problems={problems} />
        <AtProviders allocations={part ? [part] : payment.allocations} />
        {payment.allocations.length > 1 ? (
          <NativeSelect
            label={t('refund.for')}
            disabled={locked}
            value={allocationId}
            onChange={(event) => choosePart(event.currentTarget.value)}
            data={[
              { value: '', label: t('refund.whole') },
              ...payment.allocations.map(({ id, provider, bill, recharge }) => ({
                value: id,
                label: [provider.name, bill?.number ?? recharge?.number].filter(Boolean).join(' '),
              })),
            ]}
          />
        ) : null}
        <TextInput
          label={t('refund.amount')}
          description={t('refund.most', { amount: format.money(most) })}
          inputMode="decimal"
          required
          disabled={locked}
          value={amount}
          error={tried && !fits ? t('refund.notThisMuch') : undefined}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        <Radio.Group label={t('refund.to')} value={target} onChange={setTarget}>
          <Stack gap="xs" mt={6}>
            <Radio value="gateway" disabled={locked} label={t('enums.refundTarget.GATEWAY')} />
            <Radio value="wallet" disabled={locked} label={t('enums.refundTarget.WALLET')} />
          </Stack>
        </Radio.Group>
        <ReasonField
          label={t('ask.reason')}
          description={t('refund.reasonHint')}
          required
          disabled={locked}
          value={reason}
          error={tried && reason.trim() === '' ? t('ask.reasonNeeded') : undefined}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <DialogButtons onClose={onClose} busy={busy} danger>
          {unsure
            ? common('common.retry')
            : fits
              ? t('refund.give', { amount: format.money({ amountMinor: minor, currency }) })
              : t('refund.refund')}
        </DialogButtons>
      </Stack>
    </form>
  );
}

/** Money a provider has already does not come back by a refund: whoever gives it must know. */
function AtProviders({ allocations }: Pick<StaffPayment, 'allocations'>) {
  const t = useWords();
  const format = useFormat();
  const gone = allocations.flatMap(({ id, provider, atProvider }) =>
    atProvider && BigInt(atProvider.amountMinor) > 0n ? [{ id, provider: provider.name, amount: atProvider }] : [],
  );
  if (gone.length === 0) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={t('refund.atProvider')}>
      {gone.map(({ id, provider, amount }) => (
        <Text key={id} size="sm">
          {t('refund.atProviderPart', { provider, amount: format.money(amount) })}
        </Text>
      ))}
      <Text size="sm">{t('refund.atProviderBody')}</Text>
    </Alert>
  );
}
