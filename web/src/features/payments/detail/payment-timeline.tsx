import { Card, Group, Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { timelineIcon } from '@/entities/payment/timeline-icon';
import { readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardTitle } from '@/shared/ui/card-title';
import type { PaymentDetail } from './payment-page';
import { happened, particulars, TimelineFragment } from './timeline-words';

/** What happened to a payment, step by step. */
export function PaymentTimeline({ entries }: { readonly entries: PaymentDetail['timeline'] }) {
  const { t } = useTranslation();
  if (entries.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t('payments.timeline')}</CardTitle>
      <Timeline active={entries.length} bulletSize={26} lineWidth={2}>
        {entries.map((entry, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id and are only ever added
          <Timeline.Item key={position} bullet={timelineIcon(entry.kind)} title={<Head entry={entry} />}>
            <Body entry={entry} />
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
}

type EntryProps = { readonly entry: PaymentDetail['timeline'][number] };

function Head({ entry }: EntryProps) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
      <Text size="sm" fw={600}>
        {happened(readFragment(TimelineFragment, entry), t)}
      </Text>
      {entry.amount ? <Amount money={entry.amount} size="sm" fw={600} /> : null}
    </Group>
  );
}

function Body({ entry }: EntryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = particulars(readFragment(TimelineFragment, entry), t);
  return (
    <>
      {more ? (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {more}
        </Text>
      ) : null}
      <Text size="xs" c="dimmed">
        {format.instant(entry.at)}
      </Text>
    </>
  );
}
