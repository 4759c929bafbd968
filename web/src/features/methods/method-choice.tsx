import { Group, Radio, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Method } from '@/entities/method/method-fragment';
import { MethodIcon, MethodWords } from '@/entities/method/method-line';
import { HOSTED, usable } from './choice';
import classes from './method-choice.module.css';

interface Props {
  readonly methods: readonly Method[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly label?: string;
}

/** How the money comes: a saved method, or another card on the gateway's page. */
export function MethodChoice({ methods, value, onChange, disabled = false, label }: Props) {
  const { t } = useTranslation();
  return (
    <Radio.Group value={value} onChange={onChange} label={label ?? t('pay.method')} labelProps={{ mb: 6, fw: 600 }}>
      <Stack gap="xs">
        {usable(methods).map((method) => (
          <Choice key={method.id} value={method.id} disabled={disabled}>
            <MethodIcon kind={method.kind} size={36} />
            <MethodWords method={method} />
          </Choice>
        ))}
        <Choice value={HOSTED} disabled={disabled}>
          <ThemeIcon variant="light" color="gray" size={36} radius={11} aria-hidden="true">
            <IconExternalLink size={19} stroke={1.7} />
          </ThemeIcon>
          <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
            <Text fw={600}>{t('pay.otherCard')}</Text>
            <Text size="sm" c="dimmed">
              {t('pay.otherCardHint')}
            </Text>
          </Stack>
        </Choice>
      </Stack>
    </Radio.Group>
  );
}

interface ChoiceProps {
  readonly value: string;
  readonly disabled: boolean;
  readonly children: ReactNode;
}

function Choice({ value, disabled, children }: ChoiceProps) {
  return (
    <Radio.Card value={value} className={classes.choice} disabled={disabled} radius="md" p="sm">
      <Group wrap="nowrap" gap="sm">
        {children}
        <Radio.Indicator disabled={disabled} />
      </Group>
    </Radio.Card>
  );
}
