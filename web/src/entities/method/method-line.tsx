import { Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconBuildingBank, IconCreditCard } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Method } from './method-fragment';
import { useMethodTitle } from './method-title';

export function MethodIcon({ kind, size = 40 }: { readonly kind: Method['kind']; readonly size?: number }) {
  const Icon = kind === 'DIRECT_DEBIT' ? IconBuildingBank : IconCreditCard;
  return (
    <ThemeIcon variant="light" color="tide" size={size} radius={Math.round(size * 0.3)} aria-hidden="true">
      <Icon size={Math.round(size * 0.55)} stroke={1.7} />
    </ThemeIcon>
  );
}

const two = (month: number) => String(month).padStart(2, '0');

/** What a person knows a method by: its name or its last digits, and when a card ends. */
export function MethodWords({ method }: { readonly method: Method }) {
  const { t } = useTranslation();
  const title = useMethodTitle();
  const until =
    method.expMonth && method.expYear
      ? t('methods.until', { date: `${two(method.expMonth)}/${String(method.expYear).slice(-2)}` })
      : undefined;
  const small = [method.label ? title(method) : undefined, until].filter(Boolean).join(' · ');
  return (
    <Stack gap={0} style={{ minWidth: 0, flex: 1 }}>
      <Group gap={6} wrap="wrap">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {method.label ?? title(method)}
        </Text>
      </Group>
      {small ? (
        <Text size="sm" c={method.expiresSoon ? 'var(--mantine-color-orange-light-color)' : 'dimmed'}>
          {small}
          {method.expiresSoon ? ` · ${t('methods.expiresSoon')}` : ''}
        </Text>
      ) : null}
    </Stack>
  );
}
