import { Badge, Box, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useIsNewBill } from '@/features/live/new-bills';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { BillStatus } from './bill-status';
import { useDueWords } from './due-words';

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
    provider { id name }
    utilityAccount { id label identifierHint }
    property { id name }
    customer { id }
  }
`);

interface Props {
  readonly bill: FragmentOf<typeof BillCardFragment>;
}

export function BillCard({ bill: masked }: Props) {
  const bill = readFragment(BillCardFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const due = useDueWords(bill);
  const isNew = useIsNewBill(bill.id);
  return (
    <CardLink
      to="/bills/$billId"
      params={{ billId: bill.id }}
      padding="sm"
      className={isNew ? 'bw-link-card bw-new bw-arrived' : 'bw-link-card'}
    >
      <Group wrap="nowrap" gap="sm">
        <UtilityIcon type={bill.utilityType} />
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group gap={6} wrap="nowrap">
            <Text fw={600} truncate>
              {bill.provider.name}
            </Text>
            {isNew ? (
              <Badge size="sm" color="tide" variant="filled" style={{ flexShrink: 0 }}>
                {t('bills.new')}
              </Badge>
            ) : null}
          </Group>
          <Text size="sm" c="dimmed" truncate>
            {[due ?? t('bills.issued', { day: format.day(bill.issuedOn) }), bill.property?.name]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </Box>
        <Box ta="right" style={{ flexShrink: 0 }}>
          <Amount money={bill.amount} fw={650} display="block" mb={4} />
          <BillStatus status={bill.status} overdue={bill.overdue} daysUntilDue={bill.daysUntilDue} />
        </Box>
      </Group>
    </CardLink>
  );
}
