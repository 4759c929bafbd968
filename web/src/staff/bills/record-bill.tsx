import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refetchActive } from '@/shared/graphql/client';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { parseMinor } from '@/shared/lib/money';
import { useAction } from '@/shared/ui/mutation';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { ReasonField } from '../ui/reason-field';
import { type StaffWords, useWords } from '../words';
import { BillsQuery } from './bill-list';

const RecordBill = graphql(`
  mutation StaffRecordBill($input: RecordBillInput!) {
    recordBill(input: $input) {
      bill { id }
      userErrors { code message path }
    }
  }
`);

interface Account {
  readonly id: string;
  readonly label: string;
  readonly currency: string;
}

export function openRecordBill(t: StaffWords, account: Account): void {
  const id = modals.open({
    title: t('bills.record'),
    size: 'lg',
    children: <RecordBillForm account={account} onClose={() => modals.close(id)} />,
  });
}

interface Values {
  number: string;
  amount: string;
  issuedOn: string;
  dueOn: string;
  periodStart: string;
  periodEnd: string;
  reason: string;
  lines: { label: string; amount: string }[];
}

const FIELDS = ['number', 'amount', 'issuedOn', 'dueOn', 'periodStart', 'periodEnd', 'reason'];

function RecordBillForm({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const t = useWords();
  const { t: common } = useTranslation();
  const format = useFormat();
  const [record, busy] = useAction(RecordBill);
  const [problems, setProblems] = useState<string[]>([]);
  const minor = (text: string) => parseMinor(text, account.currency);
  const anAmount = (value: string) => (minor(value) === undefined ? t('bills.notAnAmount') : null);
  const form = useForm<Values>({
    initialValues: {
      number: '',
      amount: '',
      issuedOn: format.today(),
      dueOn: '',
      periodStart: '',
      periodEnd: '',
      reason: '',
      lines: [],
    },
    validate: {
      number: isNotEmpty(common('errors.required')),
      amount: anAmount,
      issuedOn: isNotEmpty(common('errors.required')),
      reason: isNotEmpty(t('ask.reasonNeeded')),
      lines: { label: isNotEmpty(common('errors.required')), amount: anAmount },
    },
  });
  const { lines, amount } = form.values;
  const sum = lines.reduce((total, line) => total + BigInt(minor(line.amount) ?? 0), 0n);
  const differs = lines.length > 0 && minor(amount) !== undefined && BigInt(minor(amount) ?? 0) !== sum;

  const submit = form.onSubmit(async (values) => {
    const amountMinor = minor(values.amount);
    if (amountMinor === undefined) return;
    const { payload, userErrors } = await record({
      input: {
        utilityAccountId: account.id,
        number: values.number.trim(),
        amountMinor,
        issuedOn: values.issuedOn,
        dueOn: values.dueOn || null,
        periodStart: values.periodStart || null,
        periodEnd: values.periodEnd || null,
        reason: values.reason.trim(),
        lines: values.lines.map((line) => ({ label: line.label.trim(), amountMinor: minor(line.amount) ?? '0' })),
      },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(
      userErrors.map((error) => ({
        ...error,
        path: error.path.map((part) => (part === 'amountMinor' ? 'amount' : part)),
      })),
      [...FIELDS, ...values.lines.flatMap((_line, place) => [`lines.${place}.label`, `lines.${place}.amount`])],
    );
    form.setErrors(fields);
    setProblems(rest);
    if (!payload.bill || userErrors.length > 0) return;
    onClose();
    refetchActive([BillsQuery]);
    notifications.show({ color: 'teal', message: t('bills.recorded') });
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('bills.recordLead', { account: account.label, currency: account.currency })}
        </Text>
        <Problems problems={problems} />
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            label={t('bills.number')}
            description={t('bills.numberHint')}
            required
            data-autofocus
            miw={180}
            {...form.getInputProps('number')}
          />
          <TextInput
            label={t('bills.amount')}
            description={account.currency}
            required
            inputMode="decimal"
            placeholder="49.90"
            miw={140}
            {...form.getInputProps('amount')}
          />
        </Group>
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput type="date" label={t('bills.issuedOn')} required miw={150} {...form.getInputProps('issuedOn')} />
          <TextInput type="date" label={t('bills.dueOn')} miw={150} {...form.getInputProps('dueOn')} />
        </Group>
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            type="date"
            label={`${t('bills.period')}: ${t('bills.periodStart')}`}
            miw={150}
            {...form.getInputProps('periodStart')}
          />
          <TextInput type="date" label={t('bills.periodEnd')} miw={150} {...form.getInputProps('periodEnd')} />
        </Group>
        {lines.map((_line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity; the form addresses them by place
          <Group key={place} gap="xs" wrap="nowrap" align="flex-end">
            <TextInput label={t('bills.line')} style={{ flex: 1 }} {...form.getInputProps(`lines.${place}.label`)} />
            <TextInput
              label={t('bills.amount')}
              w={120}
              inputMode="decimal"
              {...form.getInputProps(`lines.${place}.amount`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={42}
              aria-label={t('bills.removeLine')}
              onClick={() => form.removeListItem('lines', place)}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </Group>
        ))}
        {differs ? (
          <Text size="sm" c="orange">
            {t('bills.linesSum', { sum: format.money({ amountMinor: String(sum), currency: account.currency }) })}
          </Text>
        ) : null}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => form.insertListItem('lines', { label: '', amount: '' })}
          >
            {t('bills.addLine')}
          </Button>
        </Group>
        <ReasonField
          label={t('bills.reason')}
          description={t('bills.reasonHint')}
          required
          {...form.getInputProps('reason')}
        />
        <DialogButtons onClose={onClose} busy={busy}>
          {t('bills.save')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
