import { Button, Card, Checkbox, Chip, Group, NativeSelect, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { useDraft } from '@/shared/lib/draft';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';

export const PreferencesFragment = graphql(`
  fragment Preferences on NotificationPreferences {
    channels { kind push email sms }
    leadDays
    planLeadDays
    reminderHour
    smsFallback
    quietHours { startHour endHour }
  }
`);

const UpdatePreferences = graphql(
  `
    mutation UpdateNotificationPreferences($input: UpdateNotificationPreferencesInput!) {
      updateNotificationPreferences(input: $input) {
        preferences { ...Preferences }
        userErrors { code message path }
      }
    }
  `,
  [PreferencesFragment],
);

const CHANNELS = ['push', 'email', 'sms'] as const;
/** Offered days around the due date; negative ones come before it. */
const BILL_DAYS = [-14, -10, -7, -5, -3, -2, -1, 0, 1, 3, 7];
const PLAN_DAYS = [-14, -7, -5, -3, -2, -1, 0];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** These always reach a person, whatever is ticked: money that failed and who signed in are not to be missed. */
const ALWAYS = ['SECURITY'];

interface Props {
  readonly preferences: FragmentOf<typeof PreferencesFragment>;
  /** What was loaded is old now: preferences have no id by which the cache would find them. */
  readonly onSaved: () => void;
}

export function PreferencesForm({ preferences: masked, onSaved }: Props) {
  const stored = readFragment(PreferencesFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const { draft, setDraft, dirty } = useDraft(stored);
  const [update, busy] = useAction(UpdatePreferences);
  const [problems, setProblems] = useState<string[]>([]);

  const clock = new Intl.DateTimeFormat(format.locale, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' });
  const hours = HOURS.map((hour) => ({ value: String(hour), label: clock.format(Date.UTC(2026, 0, 1, hour)) }));
  const days = (day: number) => {
    if (day === 0) return t('settings.reminders.onDay');
    return day < 0 ? t('settings.reminders.before', { count: -day }) : t('settings.reminders.after', { count: day });
  };

  const tick = (kind: string, channel: (typeof CHANNELS)[number], checked: boolean) =>
    setDraft({
      ...draft,
      channels: draft.channels.map((row) => (row.kind === kind ? { ...row, [channel]: checked } : row)),
    });

  const save = async () => {
    const { channels, leadDays, planLeadDays, reminderHour, quietHours, smsFallback } = draft;
    const { payload, userErrors } = await update({
      input: {
        channels: channels.map(({ kind, push, email, sms }) => ({ kind, push, email, sms })),
        leadDays,
        planLeadDays,
        reminderHour,
        quietHours: quietHours ? { startHour: quietHours.startHour, endHour: quietHours.endHour } : null,
        smsFallback,
      },
    });
    if (!payload) return;
    setProblems(userErrors.map(({ message }) => message));
    if (userErrors.length > 0) return;
    if (payload.preferences) setDraft(readFragment(PreferencesFragment, payload.preferences));
    onSaved();
    notifications.show({ message: t('common.saved'), color: 'teal' });
  };

  return (
    <Stack gap="lg">
      <Card padding={0}>
        <Stack gap={0} p="md" pb="xs">
          <Title order={2}>{t('settings.matrix.title')}</Title>
          <Text size="sm" c="dimmed">
            {t('settings.matrix.lead')}
          </Text>
        </Stack>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('settings.matrix.what')}</Table.Th>
              {CHANNELS.map((channel) => (
                <Table.Th key={channel} ta="center" w={64} px={4}>
                  {t(`settings.matrix.${channel}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {draft.channels.map((row) => (
              <Table.Tr key={row.kind}>
                <Table.Td>
                  <Text size="sm">{t(`enums.notificationKind.${row.kind}`)}</Text>
                </Table.Td>
                {CHANNELS.map((channel) => (
                  <Table.Td key={channel} ta="center" px={4}>
                    <Checkbox
                      size="md"
                      style={{ display: 'inline-flex' }}
                      checked={row[channel]}
                      disabled={ALWAYS.includes(row.kind) && channel === 'email'}
                      onChange={(event) => tick(row.kind, channel, event.currentTarget.checked)}
                      aria-label={`${t(`enums.notificationKind.${row.kind}`)}: ${t(`settings.matrix.${channel}`)}`}
                    />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      <Card>
        <Stack>
          <Title order={2}>{t('settings.reminders.title')}</Title>
          <DayChips
            label={t('settings.reminders.bills')}
            days={BILL_DAYS}
            chosen={draft.leadDays}
            words={days}
            onChange={(leadDays) => setDraft({ ...draft, leadDays })}
          />
          <DayChips
            label={t('settings.reminders.plans')}
            days={PLAN_DAYS}
            chosen={draft.planLeadDays}
            words={days}
            onChange={(planLeadDays) => setDraft({ ...draft, planLeadDays })}
          />
          <NativeSelect
            label={t('settings.reminders.hour')}
            data={hours}
            value={String(draft.reminderHour)}
            onChange={(event) => setDraft({ ...draft, reminderHour: Number(event.currentTarget.value) })}
          />
          <Switch
            label={t('settings.quiet.title')}
            description={t('settings.quiet.lead')}
            checked={draft.quietHours !== null}
            onChange={(event) =>
              setDraft({ ...draft, quietHours: event.currentTarget.checked ? { startHour: 22, endHour: 7 } : null })
            }
          />
          {draft.quietHours ? (
            <Group grow>
              <NativeSelect
                label={t('settings.quiet.from')}
                data={hours}
                value={String(draft.quietHours.startHour)}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    quietHours: {
                      endHour: draft.quietHours?.endHour ?? 7,
                      startHour: Number(event.currentTarget.value),
                    },
                  })
                }
              />
              <NativeSelect
                label={t('settings.quiet.to')}
                data={hours}
                value={String(draft.quietHours.endHour)}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    quietHours: {
                      startHour: draft.quietHours?.startHour ?? 22,
                      endHour: Number(event.currentTarget.value),
                    },
                  })
                }
              />
            </Group>
          ) : null}
          <Switch
            label={t('settings.smsFallback.title')}
            description={t('settings.smsFallback.lead')}
            checked={draft.smsFallback}
            onChange={(event) => setDraft({ ...draft, smsFallback: event.currentTarget.checked })}
          />
        </Stack>
      </Card>
      <Problems problems={problems} />
      <Group justify="flex-end">
        <Button variant="default" disabled={!dirty || busy} onClick={() => setDraft(stored)}>
          {t('common.cancel')}
        </Button>
        <Button disabled={!dirty} loading={busy} onClick={() => void save()}>
          {t('common.save')}
        </Button>
      </Group>
    </Stack>
  );
}

interface DayChipsProps {
  readonly label: string;
  readonly days: readonly number[];
  readonly chosen: readonly number[];
  readonly words: (day: number) => string;
  readonly onChange: (days: number[]) => void;
}

function DayChips({ label, days, chosen, words, onChange }: DayChipsProps) {
  // Days that were set elsewhere stay, even if they are not among those offered here.
  const offered = [...new Set([...days, ...chosen])].sort((a, b) => a - b);
  return (
    <Stack gap={6} role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Chip.Group
        multiple
        value={chosen.map(String)}
        onChange={(values) => onChange(values.map(Number).sort((a, b) => a - b))}
      >
        <Group gap={6}>
          {offered.map((day) => (
            <Chip key={day} value={String(day)} size="sm" variant="light">
              {words(day)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Stack>
  );
}
