import { Group, Stack, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { decimalOf, type MoneyValue, parseMinor } from '@/shared/lib/money';
import { useAction } from '@/shared/ui/mutation';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { ReasonField } from '../ui/reason-field';
import { type StaffWords, useWords } from '../words';

const CorrectBill = graphql(`
  mutation StaffCorrectBill($input: CorrectBillInput!) {
    correctBill(input: $input) {
      bill { id }
      userErrors { code message path }
    }
  }
`);

interface Bill {
  readonly id: string;
  readonly amount: MoneyValue;
  readonly issuedOn: string;
  readonly dueOn: string | null;
}

export function openCorrectBill(t: StaffWords, bill: Bill, onDone: () => void): void {
  const id = modals.open({
    title: t('bills.correctTitle'),
    children: <CorrectBillForm bill={bill} onDone={onDone} onClose={() => modals.close(id)} />,
  });
}

interface Props {
  readonly bill: Bill;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function CorrectBillForm({ bill, onDone, onClose }: Props) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [correct, busy] = useAction(CorrectBill);
  const [problems, setProblems] = useState<string[]>([]);
  const minor = (text: string) => parseMinor(text, bill.amount.currency);
  const form = useForm({
    initialValues: { amount: decimalOf(bill.amount), issuedOn: bill.issuedOn, dueOn: bill.dueOn ?? '', reason: '' },
    validate: {
      amount: (value) => (minor(value) === undefined ? t('bills.notAnAmount') : null),
      issuedOn: isNotEmpty(common('errors.required')),
      reason: isNotEmpty(t('ask.reasonNeeded')),
    },
  });
  const submit = form.onSubmit(async ({ amount, issuedOn, dueOn, reason }) => {
    // Only what differs is sent: a correction that names a field is kept against what the provider says later.
    const changes = {
      ...(minor(amount) === bill.amount.amountMinor ? {} : { amountMinor: minor(amount) }),
      ...(issuedOn === bill.issuedOn ? {} : { issuedOn }),
      ...(dueOn === (bill.dueOn ?? '') ? {} : { dueOn: dueOn || null }),
    };
    if (Object.keys(changes).length === 0) {
      setProblems([t('bills.nothingChanged')]);
      return;
    }
    const { payload, userErrors } = await correct({ input: { billId: bill.id, reason: reason.trim(), ...changes } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(
      userErrors.map((error) => ({
        ...error,
        path: error.path.map((part) => (part === 'amountMinor' ? 'amount' : part)),
      })),
      ['amount', 'issuedOn', 'dueOn', 'reason'],
    );
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    onClose();
    onDone();
    notifications.show({ color: 'teal', message: t('bills.corrected') });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('bills.correctLead')}
        </Text>
        <Problems problems={problems} />
        <TextInput
          label={`${t('bills.amount')} (${bill.amount.currency})`}
          inputMode="decimal"
          data-autofocus
          {...form.getInputProps('amount')}
        />
        <Group grow align="flex-start">
          <TextInput type="date" label={t('bills.issuedOn')} {...form.getInputProps('issuedOn')} />
          <TextInput type="date" label={t('bills.dueOn')} {...form.getInputProps('dueOn')} />
        </Group>
        <ReasonField
          label={t('bills.reason')}
          description={t('bills.reasonHint')}
          required
          {...form.getInputProps('reason')}
        />
        <DialogButtons onClose={onClose} busy={busy}>
          {t('bills.correctSave')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
