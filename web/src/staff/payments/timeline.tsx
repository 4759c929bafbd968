import { Group, Text, Timeline, UnstyledButton } from '@mantine/core';
import { IconBookmark, IconChevronDown, IconWebhook } from '@tabler/icons-react';
import { useState } from 'react';
import { timelineIcon } from '@/entities/payment/timeline-icon';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CodeBlock, pretty } from '../ui/code';
import { Section } from '../ui/section';
import { useWords } from '../words';
import type { StaffPayment } from './payment-page';

const icon = (kind: string) => {
  if (kind.startsWith('webhook')) return <IconWebhook size={14} />;
  if (kind.startsWith('ledger')) return <IconBookmark size={14} />;
  return timelineIcon(kind);
};

/** Everything that happened to a payment: tries, answers, webhooks, ledger entries, transfers, refunds. */
export function PaymentTimeline({ entries }: { readonly entries: StaffPayment['timeline'] }) {
  const t = useWords();
  return (
    <Section title={t('payments.timeline')} hint={t('payments.timelineHint')}>
      <Timeline active={entries.length} bulletSize={26} lineWidth={2} mt="xs">
        {entries.map((entry, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id and are only ever added
          <Timeline.Item key={position} bullet={icon(entry.kind)} title={<Head entry={entry} />}>
            <Entry entry={entry} />
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

type EntryProps = { readonly entry: StaffPayment['timeline'][number] };

function Head({ entry }: EntryProps) {
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
      <Text size="sm" fw={600}>
        {entry.title}
      </Text>
      {entry.amount ? <Amount money={entry.amount} size="sm" fw={600} /> : null}
    </Group>
  );
}

function Entry({ entry }: EntryProps) {
  const t = useWords();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const more = entry.data !== null && typeof entry.data === 'object' && Object.keys(entry.data).length > 0;
  return (
    <>
      {entry.detail ? (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {entry.detail}
        </Text>
      ) : null}
      <Group gap="sm">
        <Text size="xs" c="dimmed">
          {format.instant(entry.at, { dateStyle: 'medium', timeStyle: 'medium' })} · {entry.kind}
        </Text>
        {more ? (
          <UnstyledButton fz="xs" c="var(--mantine-color-anchor)" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Group gap={4}>
              {t('events.particulars')}
              <IconChevronDown size={13} style={{ transform: open ? 'rotate(180deg)' : undefined }} />
            </Group>
          </UnstyledButton>
        ) : null}
      </Group>
      {open ? <CodeBlock text={pretty(entry.data)} maxHeight={240} /> : null}
    </>
  );
}
