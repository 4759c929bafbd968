import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Section } from '../ui/section';
import { useWords } from '../words';

export const BackgroundWorkFragment = graphql(`
  fragment BackgroundWork on Dashboard {
    dueWork { name count oldestDueAt }
    eventConsumers { name behind failures }
  }
`);

/** What is due of each kind of background work and since when, and how far behind the event log its consumers are. */
export function BackgroundWork({ dashboard }: { readonly dashboard: FragmentOf<typeof BackgroundWorkFragment> }) {
  const { dueWork, eventConsumers } = readFragment(BackgroundWorkFragment, dashboard);
  const t = useWords();
  const format = useFormat();
  return (
    <Section title={t('work.title')} hint={t('work.hint')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="xs" component="ul" m={0} p={0}>
        {dueWork.map(({ name, count, oldestDueAt }) => (
          <Line
            key={name}
            label={t(`work.kinds.${name}`, { defaultValue: name })}
            name={name}
            value={
              count === 0
                ? t('work.nothing')
                : t('work.due', { count, when: oldestDueAt ? format.relative(oldestDueAt) : '' })
            }
            waits={count > 0}
          />
        ))}
        {eventConsumers.map(({ name, behind, failures }) => (
          <Line
            key={name}
            label={t('work.consumer', { name })}
            name={name}
            value={
              behind === 0
                ? t('work.upToDate')
                : [t('work.behind', { count: behind }), failures > 0 ? t('work.failures', { count: failures }) : '']
                    .filter(Boolean)
                    .join(', ')
            }
            waits={behind > 0}
          />
        ))}
      </SimpleGrid>
    </Section>
  );
}

function Line(line: {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly waits: boolean;
}) {
  return (
    <Group component="li" justify="space-between" align="flex-start" wrap="nowrap" style={{ listStyle: 'none' }}>
      <Stack gap={0}>
        <Text size="sm">{line.label}</Text>
        <Text size="xs" c="dimmed" ff="monospace">
          {line.name}
        </Text>
      </Stack>
      <Text
        size="sm"
        ta="right"
        style={{ flexShrink: 0, maxWidth: '60%' }}
        {...(line.waits ? { fw: 600 } : { c: 'dimmed' })}
      >
        {line.value}
      </Text>
    </Group>
  );
}
