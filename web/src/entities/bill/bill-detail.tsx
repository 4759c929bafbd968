import { Alert, Card, Grid, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconReceiptRefund, IconReplace } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { billQueries, paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { daysBetween } from '@/shared/lib/dates';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { UtilityIcon } from '@/shared/ui/utility';
import { BillHistory, BillHistoryFragment } from './bill-history';
import { BillPayments, BillPaymentsFragment } from './bill-payments';
import { BillStatus } from './bill-status';
import { useDueWords } from './due-words';

export const BillDetailQuery = memberOf(
  [billQueries, paymentQueries],
  graphql(
    `
    query BillDetail($id: ID!) {
      bill(id: $id) {
        id
        number
        version
        status
        statusReason
        markedBy
        overdue
        daysUntilDue
        issuedOn
        dueOn
        periodStart
        periodEnd
        source
        utilityType
        createdAt
        amount { amountMinor currency }
        remaining { amountMinor currency }
        beingPaid { amountMinor currency }
        unusual { kind usual { amountMinor currency } }
        minAmount { amountMinor currency }
        maxAmount { amountMinor currency }
        usage { value unit }
        lines { label kind amount { amountMinor currency } usage { value unit } }
        provider { id name }
        utilityAccount { id label identifierHint }
        property { id name }
        supersededBy { id }
        ...BillHistory
        ...BillPayments
      }
    }
  `,
    [BillHistoryFragment, BillPaymentsFragment],
  ),
);

export type BillDetail = NonNullable<ResultOf<typeof BillDetailQuery>['bill']>;

interface Props {
  readonly bill: BillDetail;
  readonly staff?: boolean;
  /** How to pay the bill; left out in the console. */
  readonly pay?: ReactNode;
}

/** One bill, as its customer and as operators see it. */
export function BillDetailView({ bill, staff = false, pay }: Props) {
  const { t, i18n } = useTranslation();
  const due = useDueWords(bill);
  const format = useFormat();
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          <Card padding="lg">
            <Group justify="space-between" align="flex-start" wrap="nowrap">
              <Stack gap={4}>
                <Text size="sm" c="dimmed">
                  {t('bills.detail.amount')}
                </Text>
                <Amount money={bill.amount} fz={34} fw={700} lh={1.1} style={{ letterSpacing: '-0.02em' }} />
                <Text c={bill.overdue ? 'coral' : 'dimmed'} fw={bill.overdue ? 600 : 400} size="sm">
                  {due ?? t('bills.issued', { day: format.day(bill.issuedOn) })}
                </Text>
                {bill.minAmount || bill.maxAmount ? (
                  <Text size="xs" c="dimmed">
                    {[
                      bill.minAmount ? t('bills.detail.from', { amount: format.money(bill.minAmount) }) : undefined,
                      bill.maxAmount ? t('bills.detail.upTo', { amount: format.money(bill.maxAmount) }) : undefined,
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </Text>
                ) : null}
              </Stack>
              <Stack align="flex-end" gap="sm">
                <UtilityIcon type={bill.utilityType} size={48} />
                <BillStatus {...bill} />
              </Stack>
            </Group>
            {bill.statusReason ? (
              <Text size="sm" mt="sm">
                {staff || i18n.language === 'en' ? bill.statusReason : t(`bills.detail.reason.${bill.status}`)}
              </Text>
            ) : null}
          </Card>
          {bill.status === 'CREDIT' || bill.status === 'NOTHING_DUE' ? (
            <Alert icon={<IconReceiptRefund />} color="teal" radius="lg">
              {t(bill.status === 'CREDIT' ? 'bills.detail.credit' : 'bills.detail.nothingDue')}
            </Alert>
          ) : null}
          {bill.unusual ? (
            <Alert icon={<IconAlertTriangle />} color="orange" radius="lg" title={t('bills.detail.unusual.title')}>
              {t(`bills.detail.unusual.${bill.unusual.kind}`, { amount: format.money(bill.unusual.usual) })}
            </Alert>
          ) : null}
          {bill.supersededBy ? (
            <Alert icon={<IconReplace />} color="gray" radius="lg">
              {t('bills.detail.superseded')}{' '}
              <AnchorLink to="/bills/$billId" params={{ billId: bill.supersededBy.id }}>
                {t('bills.detail.seeNewer')}
              </AnchorLink>
            </Alert>
          ) : null}
          <BillPayments bill={bill} staff={staff} pay={pay} />
          <Lines bill={bill} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack>
          <Facts bill={bill} />
          <BillHistory bill={bill} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Lines({ bill }: { readonly bill: BillDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Card>
      <Title order={2} mb="xs">
        {t('bills.detail.lines')}
      </Title>
      {bill.lines.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('bills.detail.noLines')}
        </Text>
      ) : (
        <Table verticalSpacing="xs" horizontalSpacing={0}>
          <Table.Tbody>
            {bill.lines.map((line, position) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: line items have no identity; their place on the bill is it
              <Table.Tr key={position}>
                <Table.Td>
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {line.label}
                  </Text>
                  {line.usage ? (
                    <Text size="xs" c="dimmed">
                      {format.number(line.usage.value, 3)} {line.usage.unit}
                    </Text>
                  ) : null}
                </Table.Td>
                <Table.Td ta="right">{line.amount ? <Amount money={line.amount} size="sm" /> : '–'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr style={{ borderBottom: 0 }}>
              <Table.Th>{t('bills.detail.total')}</Table.Th>
              <Table.Th ta="right">
                <Amount money={bill.amount} fw={700} />
              </Table.Th>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      )}
    </Card>
  );
}

function Facts({ bill }: { readonly bill: BillDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { periodStart, periodEnd, usage } = bill;
  const days = periodStart && periodEnd ? daysBetween(periodStart, periodEnd) + 1 : undefined;
  return (
    <Card>
      <SimpleGrid component="dl" cols={2} spacing="md" m={0}>
        <Fact label={t('bills.detail.dueOn')}>{bill.dueOn ? format.day(bill.dueOn) : t('bills.detail.noDue')}</Fact>
        <Fact label={t('bills.detail.issuedOn')}>{format.day(bill.issuedOn)}</Fact>
        {periodStart && periodEnd ? (
          <Fact label={t('bills.detail.period')}>
            {format.day(periodStart)} – {format.day(periodEnd)}
            {days ? (
              <Text span size="xs" c="dimmed" display="block">
                {t('bills.detail.periodDays', { count: days })}
              </Text>
            ) : null}
          </Fact>
        ) : null}
        {usage ? (
          <Fact label={t('bills.detail.usage')}>
            {format.number(usage.value, 3)} {usage.unit}
            {days ? (
              <Text span size="xs" c="dimmed" display="block">
                {t('bills.detail.usagePerDay', {
                  value: format.number(Number(usage.value) / days, 1),
                  unit: usage.unit,
                })}
              </Text>
            ) : null}
          </Fact>
        ) : null}
        {bill.utilityAccount ? (
          <Fact label={t('bills.detail.account')}>
            <AnchorLink to="/accounts/$accountId" params={{ accountId: bill.utilityAccount.id }} size="sm">
              {bill.utilityAccount.label}
            </AnchorLink>
            <Text span size="xs" c="dimmed" display="block">
              {bill.utilityAccount.identifierHint}
            </Text>
          </Fact>
        ) : null}
        {bill.property ? (
          <Fact label={t('bills.detail.home')}>
            <AnchorLink to="/homes/$homeId" params={{ homeId: bill.property.id }} size="sm">
              {bill.property.name}
            </AnchorLink>
          </Fact>
        ) : null}
        <Fact label={t('bills.detail.number')}>{bill.number}</Fact>
        <Fact label={t('bills.detail.source')}>{t(`enums.billSource.${bill.source}`)}</Fact>
      </SimpleGrid>
    </Card>
  );
}
