import { ActionIcon, Box, Code, CopyButton, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useWords } from '../words';

/** A value as indented JSON. */
export const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? 'null';

interface Props {
  readonly text: string;
  readonly label?: string;
  readonly maxHeight?: number;
}

/** A text as a machine wrote it, to read and to copy. */
export function CodeBlock({ text, label, maxHeight = 320 }: Props) {
  const t = useWords();
  return (
    <Box pos="relative">
      {label ? (
        <Text size="xs" c="dimmed" mb={4}>
          {label}
        </Text>
      ) : null}
      <Box pos="relative">
        <Code
          block
          fz={12.5}
          mah={maxHeight}
          style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          pr={40}
        >
          {text}
        </Code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon
              pos="absolute"
              top={6}
              right={6}
              variant="default"
              size="md"
              aria-label={copied ? t('secret.copied') : t('secret.copy')}
              onClick={copy}
            >
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          )}
        </CopyButton>
      </Box>
    </Box>
  );
}
