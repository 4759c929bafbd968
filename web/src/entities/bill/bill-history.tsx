import { Card, Group, Table, Text, Timeline, Title } from '@mantine/core';
import { IconBan, IconFileText, IconPencil } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { shownChanges } from './changes';

export const BillHistoryFragment = graphql(`
  fragment BillHistory on Bill {
    id
    versions {
      version
      source
      reason
      actorName
      createdAt
      amount { amountMinor currency }
      changes { field before after }
    }
    acts { at action actorName reason }
  }
`);

const FIELDS = [
  'amountMinor',
  'minAmountMinor',
  'maxAmountMinor',
  'amount',
  'dueOn',
  'issuedOn',
  'periodStart',
  'periodEnd',
  'usage',
  'lines',
  'number',
  'status',
] as const;

/** How the bill came to be what it is: every version that was stored, newest first, and what each one changed. */
export function BillHistory({ bill: masked }: { readonly bill: FragmentOf<typeof BillHistoryFragment> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { versions, acts } = readFragment(BillHistoryFragment, masked);
  // What made a version is shown with it.
  const others = acts.filter(({ action }) => action !== 'bill.record' && action !== 'bill.correct').toReversed();
  const newestFirst = [...versions].sort((a, b) => b.version - a.version);

  const fieldName = (field: string) => {
    const camel = field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    const known = FIELDS.find((name) => name === camel);
    return known ? t(`bills.detail.fields.${known}`) : field;
  };
  return (
    <Card>
      <Title order={2} mb="md">
        {t('bills.detail.history')}
      </Title>
      <Timeline active={others.length + newestFirst.length} bulletSize={26} lineWidth={2}>
        {others.map((act) => (
          <Timeline.Item
            key={`${act.at}${act.action}`}
            bullet={<IconBan size={14} />}
            title={act.action === 'bill.void' ? t('bills.detail.voided') : act.action}
          >
            <Text size="xs" c="dimmed">
              {format.instant(act.at)} · {t('bills.detail.by', { actor: act.actorName })}
            </Text>
            {act.reason ? (
              <Text size="sm" mt={4}>
                {act.reason}
              </Text>
            ) : null}
          </Timeline.Item>
        ))}
        {newestFirst.map((version) => (
          <Timeline.Item
            key={version.version}
            bullet={version.version > 1 ? <IconPencil size={14} /> : <IconFileText size={14} />}
            title={
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600}>
                  {version.version > 1 ? t('bills.detail.corrected') : t('bills.detail.first')}
                </Text>
                <Amount money={version.amount} size="sm" fw={600} />
              </Group>
            }
          >
            <Text size="xs" c="dimmed">
              {format.instant(version.createdAt)} · {t(`enums.billSource.${version.source}`)}
              {version.actorName ? ` · ${t('bills.detail.by', { actor: version.actorName })}` : ''}
            </Text>
            {version.reason ? (
              <Text size="sm" mt={4}>
                {version.reason}
              </Text>
            ) : null}
            {version.changes.length > 0 ? (
              <Table mt="xs" horizontalSpacing={6} verticalSpacing={4} fz="xs" layout="fixed">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('bills.detail.changes')}</Table.Th>
                    <Table.Th>{t('bills.detail.before')}</Table.Th>
                    <Table.Th>{t('bills.detail.after')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {shownChanges(version.changes, version.amount.currency, format).map((change) => (
                    <Table.Tr key={`${change.field}:${change.line ?? ''}`}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>{change.line ?? fieldName(change.field)}</Table.Td>
                      <Table.Td c="dimmed" td="line-through" style={{ overflowWrap: 'anywhere' }}>
                        {change.before ?? t('bills.detail.nothing')}
                      </Table.Td>
                      <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
                        {change.after ?? t('bills.detail.nothing')}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            ) : null}
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
}
