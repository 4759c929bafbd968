import { Alert, Button, CopyButton, Group, Stack, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useWords } from '../words';

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
}

/** Something that is shown once and never again: a key, an invitation. */
export function showOnce(title: string, props: Props): void {
  const id = modals.open({
    title,
    closeOnClickOutside: false,
    closeOnEscape: false,
    withCloseButton: false,
    children: <SecretOnce {...props} onClose={() => modals.close(id)} />,
  });
}

function SecretOnce({ label, hint, value, onClose }: Props & { readonly onClose: () => void }) {
  const t = useWords();
  return (
    <Stack>
      <Alert color="orange" icon={<IconKey size={20} />}>
        {t('secret.once')}
      </Alert>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label={label}
          description={hint}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          style={{ flex: 1, minWidth: 0 }}
        />
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button onClick={copy} leftSection={copied ? <IconCheck size={18} /> : <IconCopy size={18} />}>
              {copied ? t('secret.copied') : t('secret.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Button variant="default" onClick={onClose}>
        {t('secret.close')}
      </Button>
    </Stack>
  );
}
