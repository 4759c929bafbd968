import { ActionIcon, Box, Card, Divider, Group, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { PayQuote } from '@/entities/payment/quote-fragment';
import { useFormat } from '@/shared/i18n/format';
import type { MoneyValue } from '@/shared/lib/money';
import { decimalOf } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { UtilityIcon, type UtilityType } from '@/shared/ui/utility';
import { choosable, readAmount } from './amount-rule';
import { useQuoteWords } from './quote-words';

export interface PayLine {
  readonly bill: {
    readonly id: string;
    readonly number: string;
    readonly utilityType: UtilityType;
    readonly dueOn: string | null;
    readonly provider: { readonly name: string };
    readonly property: { readonly name: string } | null;
  };
  readonly amount: MoneyValue;
  readonly quote: PayQuote;
}

interface Props {
  readonly lines: readonly PayLine[];
  /** What was typed, by bill; absent where the suggested amount stands. */
  readonly typed: Readonly<Record<string, string>>;
  readonly onType: (billId: string, text: string) => void;
  readonly onRemove?: ((billId: string) => void) | undefined;
  readonly disabled: boolean;
}

/** The chosen bills: what is paid of each, and why just that. */
export function PayLines({ lines, typed, onType, onRemove, disabled }: Props) {
  return (
    <Card padding={0}>
      {lines.map((line, position) => (
        <Fragment key={line.bill.id}>
          {position > 0 ? <Divider /> : null}
          <Line
            line={line}
            text={typed[line.bill.id]}
            onType={(text) => onType(line.bill.id, text)}
            onRemove={onRemove && lines.length > 1 ? () => onRemove(line.bill.id) : undefined}
            disabled={disabled}
          />
        </Fragment>
      ))}
    </Card>
  );
}

interface LineProps {
  readonly line: PayLine;
  readonly text: string | undefined;
  readonly onType: (text: string) => void;
  readonly onRemove: (() => void) | undefined;
  readonly disabled: boolean;
}

function Line({ line: { bill, amount, quote }, text, onType, onRemove, disabled }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const details = [
    bill.number,
    bill.property?.name,
    bill.dueOn ? t('bills.due', { when: format.day(bill.dueOn) }) : undefined,
  ];
  return (
    <Box p="md">
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <UtilityIcon type={bill.utilityType} size={38} />
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" wrap="nowrap" gap="sm" align="baseline">
            <Text fw={600} truncate>
              {bill.provider.name}
            </Text>
            {quote.payable ? <Amount money={amount} fw={650} /> : null}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {details.filter(Boolean).join(' · ')}
          </Text>
        </Box>
        {onRemove ? (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            mt={-4}
            mr={-6}
            disabled={disabled}
            aria-label={t('pay.leaveOut', { provider: bill.provider.name, number: bill.number })}
            onClick={onRemove}
          >
            <IconX size={18} />
          </ActionIcon>
        ) : null}
      </Group>
      <QuoteWords quote={quote} />
      {choosable(quote) ? (
        <AmountField
          label={t('pay.amountOf', { provider: bill.provider.name })}
          quote={quote}
          text={text}
          onType={onType}
          disabled={disabled}
        />
      ) : null}
    </Box>
  );
}

/** Why just this amount, or why none. */
export function QuoteWords({ quote }: { readonly quote: PayQuote }) {
  const { t } = useTranslation();
  const words = useQuoteWords();
  if (!quote.payable) {
    return (
      <Text size="sm" mt={6} c="var(--mantine-color-orange-light-color)" role="status">
        {words(quote)}{' '}
        {quote.livePayment ? (
          <AnchorLink to="/payments/$paymentId" params={{ paymentId: quote.livePayment.id }} inherit underline="always">
            {t('pay.seePayment')}
          </AnchorLink>
        ) : null}
      </Text>
    );
  }
  return (
    <Text size="sm" mt={6} c="dimmed">
      {words(quote)}
    </Text>
  );
}

interface FieldProps {
  readonly label: string;
  readonly quote: PayQuote;
  readonly text: string | undefined;
  readonly onType: (text: string) => void;
  readonly disabled: boolean;
}

/** The amount, where the provider takes other ones than the whole. */
export function AmountField({ label, quote, text, onType, disabled }: FieldProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const currency = quote.suggested.currency;
  const read = text === undefined ? undefined : readAmount(text, quote);
  const bounds = { min: format.money(quote.min), max: format.money(quote.max) };
  const problem = read && 'problem' in read ? read.problem : undefined;
  return (
    <TextInput
      mt="sm"
      label={label}
      description={t('pay.between', bounds)}
      inputMode="decimal"
      autoComplete="off"
      disabled={disabled}
      rightSection={
        <Text size="sm" c="dimmed">
          {currency}
        </Text>
      }
      rightSectionWidth={56}
      value={text ?? decimalOf(quote.suggested)}
      onChange={(event) => onType(event.currentTarget.value)}
      error={
        problem
          ? t(`pay.amountProblem.${problem}`, {
              ...bounds,
              step: quote.multiple ? format.money(quote.multiple) : '',
            })
          : undefined
      }
      styles={{ input: { fontVariantNumeric: 'tabular-nums' } }}
    />
  );
}
