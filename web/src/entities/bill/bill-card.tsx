import { Badge, Box, Card, Checkbox, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { isPositive } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { CardLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { BillStatus } from './bill-status';
import { useDueWords } from './due-words';
import { useIsNewBill } from './new-bills';
import { toPay } from './state';

/** Everything a list shows of a bill, and what decides the lists it belongs to. */
export const BillCardFragment = graphql(`
  fragment BillCard on Bill {
    id
    number
    status
    overdue
    issuedOn
    dueOn
    daysUntilDue
    utilityType
    amount { amountMinor currency }
    remaining { amountMinor currency }
    beingPaid { amountMinor currency }
    unusual { kind }
    provider { id name }
    utilityAccount { id label identifierHint }
    property { id name }
    customer { id }
  }
`);

export type ListedBill = ResultOf<typeof BillCardFragment>;

interface Props {
  readonly bill: FragmentOf<typeof BillCardFragment>;
}

export function BillCard({ bill: masked }: Props) {
  const bill = readFragment(BillCardFragment, masked);
  const isNew = useIsNewBill(bill.id);
  return (
    <CardLink
      to="/bills/$billId"
      params={{ billId: bill.id }}
      padding="sm"
      className={isNew ? 'bw-link-card bw-new bw-arrived' : 'bw-link-card'}
    >
      <BillWords bill={bill} isNew={isNew} />
    </CardLink>
  );
}

interface ChoiceProps extends Props {
  readonly chosen: boolean;
  readonly onChange: (bill: ListedBill, chosen: boolean) => void;
  /** Bills of another currency than those chosen cannot be paid with them. */
  readonly currency: string | undefined;
}

/** A bill in a list from which several are picked to be paid together. */
export function BillChoice({ bill: masked, chosen, onChange, currency }: ChoiceProps) {
  const bill = readFragment(BillCardFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const open = bill.status === 'OPEN' && isPositive(toPay(bill));
  const fits = currency === undefined || currency === bill.amount.currency;
  return (
    <Card
      component="label"
      padding="sm"
      className={chosen ? 'bw-link-card bw-new' : 'bw-link-card'}
      style={{ cursor: open && fits ? 'pointer' : 'default', opacity: open && fits ? undefined : 0.6 }}
    >
      <BillWords
        bill={bill}
        isNew={false}
        before={
          <Checkbox
            size="md"
            checked={chosen}
            disabled={!open || !fits}
            onChange={(event) => onChange(bill, event.currentTarget.checked)}
            aria-label={t('bills.pick', { provider: bill.provider.name, amount: format.money(toPay(bill)) })}
          />
        }
      />
    </Card>
  );
}

interface WordsProps {
  readonly bill: ListedBill;
  readonly isNew: boolean;
  readonly before?: ReactNode;
}

/** What a list says of a bill. Where the second line is too narrow the status gets a line of its own. */
function BillWords({ bill, isNew, before }: WordsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const due = useDueWords(bill);
  const now = toPay(bill);
  const partly = bill.status === 'OPEN' && isPositive(now) && now.amountMinor !== bill.amount.amountMinor;
  const left = [
    isPositive(bill.beingPaid) ? t('bills.onItsWay', { amount: format.money(bill.beingPaid) }) : undefined,
    partly ? t('bills.left', { amount: format.money(now) }) : undefined,
  ];
  return (
    <Group wrap="nowrap" gap="sm">
      {before}
      <UtilityIcon type={bill.utilityType} />
      <Box style={{ flex: 1, minWidth: 0 }}>
        <Group justify="space-between" wrap="nowrap" gap="sm">
          <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
            <Text fw={600} truncate>
              {bill.provider.name}
            </Text>
            {isNew ? (
              <Badge size="sm" color="tide" variant="filled" style={{ flexShrink: 0 }}>
                {t('bills.new')}
              </Badge>
            ) : null}
            {bill.unusual ? (
              <Badge size="sm" color="orange" variant="light" style={{ flexShrink: 0 }}>
                {t('bills.unusual')}
              </Badge>
            ) : null}
          </Group>
          <Amount money={bill.amount} fw={650} />
        </Group>
        <Group justify="space-between" gap={4} mt={2}>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {[due ?? t('bills.issued', { day: format.day(bill.issuedOn) }), bill.property?.name, ...left]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          <BillStatus {...bill} />
        </Group>
      </Box>
    </Group>
  );
}
