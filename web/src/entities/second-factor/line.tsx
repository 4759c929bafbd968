import { Group, Stack, Text, ThemeIcon } from '@mantine/core';
import type { ReactNode } from 'react';

interface LineProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly lead: string;
  readonly action: ReactNode;
}

/** One factor in the list: what it is, what is known about it, what can be done. */
export function Line({ icon, title, lead, action }: LineProps) {
  return (
    <Group wrap="nowrap" gap="sm">
      <ThemeIcon variant="light" color="gray" size={38} radius="xl" aria-hidden="true">
        {icon}
      </ThemeIcon>
      <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
        <Text fw={500}>{title}</Text>
        <Text size="xs" c="dimmed">
          {lead}
        </Text>
      </Stack>
      {action}
    </Group>
  );
}
