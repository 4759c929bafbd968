import { Group, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck, IconCircleDashed, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Progress } from './progress';

const looks = {
  done: { color: 'teal', icon: <IconCheck size={17} stroke={2.4} /> },
  active: { color: 'tide', icon: <Loader size={15} color="var(--mantine-color-tide-light-color)" /> },
  waiting: { color: 'gray', icon: <IconCircleDashed size={17} /> },
  failed: { color: 'coral', icon: <IconX size={17} stroke={2.4} /> },
} as const;

interface Props {
  readonly steps: readonly Progress[];
  /** What to say of each step instead of the usual words. */
  readonly cancelled?: boolean;
}

/** Sent, paid, confirmed: how far it is, live. */
export function PaymentProgress({ steps, cancelled = false }: Props) {
  const { t } = useTranslation();
  const words = (step: Progress) =>
    cancelled && step.state === 'failed'
      ? t('payments.stage.cancelled')
      : t(`payments.stage.${step.stage}.${step.state}`);
  return (
    <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('payments.progress')}>
      {steps.map((step) => (
        <Group
          key={step.stage}
          component="li"
          gap="sm"
          wrap="nowrap"
          aria-current={step.state === 'active' ? 'step' : undefined}
        >
          <ThemeIcon variant="light" color={looks[step.state].color} size={30} radius="xl" aria-hidden="true">
            {looks[step.state].icon}
          </ThemeIcon>
          <Text fw={step.state === 'waiting' ? 400 : 600} c={step.state === 'waiting' ? 'dimmed' : undefined} size="sm">
            {words(step)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
