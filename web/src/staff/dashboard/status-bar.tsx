import { Progress } from '@mantine/core';

interface Props {
  readonly parts: readonly { readonly key: string; readonly count: number; readonly color: string }[];
}

/** How a whole falls into its parts. The counts beside it say the same in figures, so it is not read out. */
export function StatusBar({ parts }: Props) {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  return (
    <Progress.Root size={10} radius="xl" aria-hidden="true">
      {parts.map(({ key, count, color }) => (
        <Progress.Section key={key} value={total === 0 ? 0 : (count / total) * 100} color={color} />
      ))}
    </Progress.Root>
  );
}
