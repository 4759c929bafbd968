import { Title } from '@mantine/core';

/** A card's heading. */
export function CardTitle({ children }: { readonly children: string }) {
  return (
    <Title order={2} mb="sm">
      {children}
    </Title>
  );
}
