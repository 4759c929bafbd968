import { Group, Text } from '@mantine/core';

export function BrandMark({ size = 28 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" role="presentation" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#0f7186" />
      <path
        d="M6 13.5c3.4-3.6 6.7-3.6 10 0s6.6 3.6 10 0"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <path
        d="M6 20.5c3.4-3.6 6.7-3.6 10 0s6.6 3.6 10 0"
        fill="none"
        stroke="#a6d4dc"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  );
}

export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <BrandMark />
      <Text fw={700} fz="lg" lh={1} style={{ letterSpacing: '-0.02em' }}>
        Billow
      </Text>
    </Group>
  );
}
