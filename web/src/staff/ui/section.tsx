import { Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without a card around, for lists that bring their own. */
  readonly bare?: boolean;
}

export function Section({ title, hint, actions, children, bare = false }: Props) {
  const head = (
    <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
      <Stack gap={2}>
        <Title order={2}>{title}</Title>
        {hint ? (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        ) : null}
      </Stack>
      {actions ? (
        <Group gap="xs" wrap="wrap" justify="flex-end">
          {actions}
        </Group>
      ) : null}
    </Group>
  );
  if (bare) {
    return (
      <Stack gap="sm" component="section">
        {head}
        {children}
      </Stack>
    );
  }
  return (
    <Card component="section">
      <Stack gap="sm">
        {head}
        {children}
      </Stack>
    </Card>
  );
}
