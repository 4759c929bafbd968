import { Button, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';

/** A link by which somebody else pays a bill. */
export function showShareLink(title: string, url: string, expiresAt: string | undefined): void {
  modals.open({ title, children: <ShareLink url={url} expiresAt={expiresAt} /> });
}

function ShareLink({ url, expiresAt }: { readonly url: string; readonly expiresAt: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack>
      <Text size="sm">{t('bills.pay.linkLead')}</Text>
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          label={t('bills.pay.linkLabel')}
          readOnly
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          style={{ flex: 1, minWidth: 0 }}
        />
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button onClick={copy} leftSection={copied ? <IconCheck size={18} /> : <IconCopy size={18} />}>
              {copied ? t('common.copied') : t('common.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      {expiresAt ? (
        <Text size="sm" c="dimmed">
          {t('bills.pay.linkUntil', { when: format.instant(expiresAt) })}
        </Text>
      ) : null}
    </Stack>
  );
}
