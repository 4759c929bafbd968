import { Button, Card, Group, Loader, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconFileTypePdf } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadDocument } from '@/entities/payment/download-document';
import { CardTitle } from '@/shared/ui/card-title';
import type { PaymentDetail } from './payment-page';

interface Props {
  readonly paymentId: string;
  readonly documents: PaymentDetail['documents'];
}

/** Invoice and receipt, to keep. */
export function PaymentDocuments({ paymentId, documents }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState<string>();
  if (documents.length === 0) return null;
  const get = async (id: string, name: string) => {
    setBusy(id);
    const got = await downloadDocument(paymentId, id, name);
    setBusy(undefined);
    if (!got) notifications.show({ color: 'coral', title: t('errors.title'), message: t('payments.noDocument') });
  };
  return (
    <Card>
      <CardTitle>{t('payments.documents')}</CardTitle>
      <Stack gap="sm">
        {documents.map((document) => (
          <Group key={document.id} wrap="nowrap" gap="sm">
            <IconFileTypePdf size={26} stroke={1.6} aria-hidden="true" />
            <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" fw={600}>
                {t(`enums.documentKind.${document.kind}`)}
              </Text>
              {document.number ? (
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {document.number}
                </Text>
              ) : null}
            </Stack>
            {document.status === 'READY' ? (
              <Button
                size="compact-md"
                variant="light"
                leftSection={<IconDownload size={16} />}
                loading={busy === document.id}
                aria-label={t('payments.downloadNamed', { name: t(`enums.documentKind.${document.kind}`) })}
                onClick={() => void get(document.id, `${document.number}.pdf`)}
              >
                {t('payments.download')}
              </Button>
            ) : document.status === 'QUEUED' ? (
              <Group gap={6} wrap="nowrap">
                <Loader size={14} />
                <Text size="sm" c="dimmed">
                  {t('payments.beingMade')}
                </Text>
              </Group>
            ) : (
              <Text size="sm" c="dimmed">
                {t('payments.notMade')}
              </Text>
            )}
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
