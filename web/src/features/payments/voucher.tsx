import { ActionIcon, Box, Button, Code, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck, IconCopy, IconSend } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { graphql } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';

const RedeliverVoucher = graphql(`
  mutation RedeliverVoucher($input: RedeliverVoucherInput!) {
    redeliverVoucher(input: $input) {
      remittance { id }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly code: string;
  readonly remittanceId: string;
}

/** The code that charges a prepaid meter or phone: to be copied, or sent once more. */
export function Voucher({ code, remittanceId }: Props) {
  const { t } = useTranslation();
  const [redeliver, sending] = useAction(RedeliverVoucher);
  const sendAgain = async () => {
    const { payload, userErrors } = await redeliver({ input: { remittanceId } });
    toastErrors(userErrors, t('errors.title'));
    if (payload && userErrors.length === 0) notifications.show({ color: 'teal', message: t('payments.voucherSent') });
  };
  return (
    <Box mt="sm">
      <Group gap="xs" wrap="nowrap">
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Text size="xs" c="dimmed">
            {t('payments.voucher')}
          </Text>
          <Code fz="md" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {code}
          </Code>
        </Box>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? t('common.copied') : t('common.copy')}>
              <ActionIcon
                variant="default"
                size="lg"
                aria-label={copied ? t('common.copied') : t('payments.copyVoucher')}
                onClick={copy}
              >
                {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      <Button
        variant="subtle"
        size="compact-sm"
        ml={-8}
        mt={4}
        leftSection={<IconSend size={15} aria-hidden="true" />}
        loading={sending}
        onClick={() => void sendAgain()}
      >
        {t('payments.resendVoucher')}
      </Button>
    </Box>
  );
}
