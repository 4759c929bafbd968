import { Alert, Button, Code, Group, SimpleGrid, Stack } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly codes: readonly string[];
  readonly onSaved: () => void;
}

/** Recovery codes, shown once: to copy, download or write down. */
export function RecoveryCodes({ codes, onSaved }: Props) {
  const { t } = useTranslation();
  const clipboard = useClipboard();
  const download = () => {
    const text = `${t('security.codes.fileTitle')}\n\n${codes.join('\n')}\n`;
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'billow-recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Stack>
      <Alert color="tide">{t('security.codes.lead')}</Alert>
      <SimpleGrid cols={2} spacing="xs" aria-label={t('security.codes.title')} role="list">
        {codes.map((code) => (
          <Code key={code} ta="center" fz="md" py={6} role="listitem">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group grow>
        <Button
          variant="default"
          leftSection={<IconCopy size={18} aria-hidden="true" />}
          onClick={() => clipboard.copy(codes.join('\n'))}
        >
          {clipboard.copied ? t('common.copied') : t('security.codes.copy')}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={18} aria-hidden="true" />} onClick={download}>
          {t('security.codes.download')}
        </Button>
      </Group>
      <Button onClick={onSaved}>{t('security.codes.saved')}</Button>
    </Stack>
  );
}
