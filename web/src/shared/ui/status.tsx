import { Badge, type MantineColor } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

interface Props {
  readonly icon: Icon;
  readonly color: MantineColor;
  readonly children: string;
}

/** A status, always as an icon and a word: colour alone tells many people nothing. */
export function Status({ icon: Icon, color, children }: Props) {
  return (
    <Badge
      variant="light"
      color={color}
      size="md"
      tt="none"
      fw={600}
      leftSection={<Icon size={13} stroke={2.2} aria-hidden="true" />}
      style={{ flexShrink: 0 }}
    >
      {children}
    </Badge>
  );
}
