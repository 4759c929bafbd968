import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { StatusBar } from '../dashboard/status-bar';
import { Section } from '../ui/section';
import { Circuit, Outcome, outcomeLooks } from '../ui/statuses';
import { useDuration, When } from '../ui/when';
import { useWords } from '../words';

export const HealthFragment = graphql(`
  fragment StaffHealth on Provider {
    id
    health {
      circuit
      circuitReason
      circuitProbeAt
      lastSuccessAt
      outcomes24h { outcome count }
      p50Ms
      p95Ms
      accounts
      accountsNeedingAttention
      dueNow
    }
  }
`);

export function HealthCard({ provider: masked }: { readonly provider: FragmentOf<typeof HealthFragment> }) {
  const { id, health } = readFragment(HealthFragment, masked);
  const t = useWords();
  const format = useFormat();
  const duration = useDuration();
  if (!health) return null;
  const { outcomes24h, p50Ms, p95Ms } = health;
  return (
    <Section title={t('providers.healthTitle')} actions={<Circuit state={health.circuit} />}>
      {health.circuitReason ? (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {health.circuitReason}
          {health.circuitProbeAt ? (
            <Text span c="dimmed" size="sm">
              {' '}
              {t('providers.probeAt', { when: format.relative(health.circuitProbeAt) })}
            </Text>
          ) : null}
        </Text>
      ) : null}
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3 }} m={0}>
        <Fact label={t('providers.lastSuccess')}>
          <When at={health.lastSuccessAt} />
        </Fact>
        <Fact label={t('providers.p50')}>{p50Ms === null ? '–' : duration(p50Ms)}</Fact>
        <Fact label={t('providers.p95')}>{p95Ms === null ? '–' : duration(p95Ms)}</Fact>
        <Fact label={t('providers.accounts')}>
          <AnchorLink to="/staff/accounts" search={{ provider: id }} size="sm">
            {format.number(health.accounts)}
          </AnchorLink>
        </Fact>
        <Fact label={t('enums.accountStatus.NEEDS_ATTENTION')}>
          <AnchorLink to="/staff/accounts" search={{ provider: id, status: 'NEEDS_ATTENTION' }} size="sm">
            {format.number(health.accountsNeedingAttention)}
          </AnchorLink>
        </Fact>
        <Fact label={t('providers.dueNow')}>{format.number(health.dueNow)}</Fact>
      </SimpleGrid>
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {outcomes24h.length === 0 ? t('providers.noOutcomes') : t('providers.outcomes')}
        </Text>
        {outcomes24h.length > 0 ? (
          <>
            <StatusBar
              parts={outcomes24h.map(({ outcome, count }) => ({
                key: outcome,
                count,
                color: outcomeLooks[outcome]?.color ?? 'gray',
              }))}
            />
            <Group gap="md">
              {outcomes24h.map(({ outcome, count }) => (
                <Group key={outcome} gap={6}>
                  <Outcome outcome={outcome} />
                  <Text size="sm" fw={600} className="bw-amount">
                    {format.number(count)}
                  </Text>
                </Group>
              ))}
            </Group>
          </>
        ) : null}
      </Stack>
    </Section>
  );
}
