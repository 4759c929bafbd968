import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { Section } from '../ui/section';
import { AttemptState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { readDecision } from './decision';
import type { StaffPayment } from './payment-page';

/** Every try at a gateway: why that one, and what it said. */
export function Attempts({ attempts }: { readonly attempts: StaffPayment['attempts'] }) {
  const t = useWords();
  const format = useFormat();
  if (attempts.length === 0) return null;
  return (
    <Section title={t('payments.attempts')}>
      {attempts.map((attempt) => (
        <Stack key={attempt.id} gap={6}>
          <Group justify="space-between" gap={6}>
            <Text size="sm" fw={600}>
              {t('payments.attempt', { number: attempt.number, gateway: attempt.gatewayCode })}
            </Text>
            <AttemptState status={attempt.status} />
          </Group>
          {attempt.message ? (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {attempt.message}
            </Text>
          ) : null}
          <SimpleGrid component="dl" cols={2} m={0} spacing={6}>
            <Fact label={t('bills.amount')}>
              <Amount money={attempt.amount} size="sm" />
            </Fact>
            {attempt.fee ? <Fact label={t('payments.fee')}>{format.money(attempt.fee)}</Fact> : null}
            {attempt.externalId ? <Fact label={t('payments.charge')}>{attempt.externalId}</Fact> : null}
            {attempt.declineKind ? (
              <Fact label={t('payments.declined')}>
                {t(`enums.decline.${attempt.declineKind}`)}
                {attempt.declineCode ? ` (${attempt.declineCode})` : ''}
              </Fact>
            ) : null}
            <Fact label={t('payments.sent')}>{attempt.sentAt ? <When at={attempt.sentAt} /> : '–'}</Fact>
            <Fact label={t('payments.answered')}>{attempt.answeredAt ? <When at={attempt.answeredAt} /> : '–'}</Fact>
          </SimpleGrid>
          <Decision decision={attempt.decision} />
        </Stack>
      ))}
    </Section>
  );
}

function Decision({ decision }: { readonly decision: unknown }) {
  const t = useWords();
  const candidates = readDecision(decision);
  if (candidates.length === 0) return null;
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed">
        {t('payments.decision')}
      </Text>
      {candidates.map(({ code, verdict, reason }) => (
        <Text key={code} size="xs">
          <Text span fw={600} inherit>
            {code}
          </Text>
          : {verdict.replaceAll('_', ' ')}
          {reason ? `, ${reason}` : ''}
        </Text>
      ))}
    </Stack>
  );
}
