import { Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Enum, graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import type { MoneyValue } from '@/shared/lib/money';
import { useAction } from '@/shared/ui/mutation';
import { ask } from '../ui/ask';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { useWords } from '../words';

const ConfirmRemittance = graphql(`
  mutation StaffConfirmRemittance($input: ConfirmRemittanceInput!) {
    confirmRemittance(input: $input) {
      remittance { id status canDecide decidableFrom providerReference settledAt }
      userErrors { code message path }
    }
  }
`);

const RejectRemittance = graphql(`
  mutation StaffRejectRemittance($input: RejectRemittanceInput!) {
    rejectRemittance(input: $input) {
      remittance { id status canDecide decidableFrom message settledAt }
      userErrors { code message path }
    }
  }
`);

export interface Remitted {
  readonly id: string;
  readonly status: Enum<'RemittanceStatus'>;
  readonly amount: MoneyValue;
  readonly provider: { readonly name: string };
}

/** Saying of what was transferred by hand, is unknown, or got no answer for days, whether the provider has it. */
export function useRemittanceActions(onDone: () => void) {
  const t = useWords();
  const format = useFormat();
  const [reject] = useAction(RejectRemittance);
  const named = ({ amount, provider }: Remitted) => ({ amount: format.money(amount), provider: provider.name });
  return {
    confirm: (remittance: Remitted) => {
      const id = modals.open({
        title: t('payments.confirmTitle'),
        children: (
          <ConfirmForm
            remittance={remittance}
            lead={t(
              remittance.status === 'SENT' ? 'payments.confirmSentBody' : 'payments.confirmBody',
              named(remittance),
            )}
            onClose={() => modals.close(id)}
            onDone={onDone}
          />
        ),
      });
    },
    reject: (remittance: Remitted) =>
      ask({
        title: t('payments.rejectTitle'),
        body: t(remittance.status === 'SENT' ? 'payments.rejectSentBody' : 'payments.rejectBody', named(remittance)),
        confirm: t('payments.reject'),
        danger: true,
        reason: 'required',
        done: t('payments.rejected'),
        run: (reason) => reject({ input: { remittanceId: remittance.id, reason } }),
        onDone,
      }),
  };
}

interface FormProps {
  readonly remittance: Remitted;
  readonly lead: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function ConfirmForm({ remittance, lead, onClose, onDone }: FormProps) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [reference, setReference] = useState('');
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [confirm, busy] = useAction(ConfirmRemittance);
  // Against the provider's silence somebody has to say how it is known.
  const needsReason = remittance.status === 'SENT';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (reference.trim() === '' || (needsReason && note.trim() === '')) return;
    const { payload, userErrors } = await confirm({
      input: { remittanceId: remittance.id, providerReference: reference.trim(), reason: note.trim() || null },
    });
    setProblems(userErrors.map(({ message }) => message));
    if (!payload || userErrors.length > 0) return;
    onClose();
    notifications.show({ color: 'teal', message: t('payments.confirmed') });
    onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Text size="sm">{lead}</Text>
        <Problems problems={problems} />
        <TextInput
          label={t('payments.reference')}
          description={t('payments.referenceHint')}
          required
          maxLength={140}
          data-autofocus
          value={reference}
          error={tried && reference.trim() === '' ? common('errors.required') : undefined}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
        <TextInput
          label={needsReason ? t('ask.reason') : `${t('ask.reason')} (${common('common.optional')})`}
          required={needsReason}
          maxLength={500}
          value={note}
          error={tried && needsReason && note.trim() === '' ? common('errors.required') : undefined}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <DialogButtons onClose={onClose} busy={busy}>
          {t('payments.confirm')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
