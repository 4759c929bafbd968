import { Box, Group, Indicator, Text, ThemeIcon, UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBellRinging,
  IconCalendarDue,
  IconCircleCheck,
  IconCreditCardOff,
  IconLock,
  IconMail,
  IconPlugConnectedX,
  IconReceipt,
  IconReceiptRefund,
  IconRefreshAlert,
  IconShieldCheck,
  IconTicket,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Enum, type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';

export const NotificationRowFragment = graphql(`
  fragment NotificationRow on Notification {
    id
    kind
    title
    body
    link
    createdAt
    readAt
    bill { id }
    utilityAccount { id }
  }
`);

const looks = {
  BILL_RECEIVED: { icon: IconReceipt, color: 'tide' },
  BILL_CORRECTED: { icon: IconReceiptRefund, color: 'orange' },
  BILL_VOIDED: { icon: IconReceiptRefund, color: 'gray' },
  BILL_REMINDER: { icon: IconCalendarDue, color: 'orange' },
  PLAN_REMINDER: { icon: IconCalendarDue, color: 'violet' },
  ACCOUNT_NEEDS_ATTENTION: { icon: IconPlugConnectedX, color: 'coral' },
  SECURITY: { icon: IconLock, color: 'coral' },
  PROVIDER_TROUBLE: { icon: IconAlertTriangle, color: 'orange' },
  INVITATION: { icon: IconMail, color: 'tide' },
  TEST: { icon: IconBellRinging, color: 'gray' },
  PAYMENT_SUCCEEDED: { icon: IconCircleCheck, color: 'teal' },
  PAYMENT_FAILED: { icon: IconAlertTriangle, color: 'coral' },
  PAYMENT_ACTION: { icon: IconShieldCheck, color: 'orange' },
  PAYMENT_REFUNDED: { icon: IconReceiptRefund, color: 'violet' },
  METHOD_TROUBLE: { icon: IconCreditCardOff, color: 'orange' },
  VOUCHER_READY: { icon: IconTicket, color: 'teal' },
  PASSWORD_RESET: { icon: IconLock, color: 'coral' },
  EMAIL_CONFIRMATION: { icon: IconMail, color: 'tide' },
  EMAIL_NOTICE: { icon: IconMail, color: 'orange' },
  HOUSEHOLD_INVITATION: { icon: IconMail, color: 'tide' },
} as const satisfies Record<Enum<'NotificationKind'>, unknown>;

interface Props {
  readonly notification: FragmentOf<typeof NotificationRowFragment>;
  readonly onOpen: () => void;
}

export function NotificationRow({ notification: masked, onOpen }: Props) {
  const notification = readFragment(NotificationRowFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const { icon: Icon, color } = looks[notification.kind] ?? { icon: IconRefreshAlert, color: 'gray' };
  const unread = notification.readAt === null;
  return (
    <UnstyledButton onClick={onOpen} className="bw-row" w="100%" px="md" py="sm">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Indicator disabled={!unread} color="coral" size={10} offset={4}>
          <ThemeIcon variant="light" color={color} size={40} radius="xl" aria-hidden="true">
            <Icon size={21} stroke={1.7} />
          </ThemeIcon>
        </Indicator>
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" wrap="nowrap" gap="xs" align="baseline">
            <Text fw={unread ? 650 : 500} style={{ overflowWrap: 'anywhere' }}>
              {notification.title}
              {unread ? <span className="bw-sr"> ({t('inbox.unread')})</span> : null}
            </Text>
            <Text size="xs" c="dimmed" style={{ flexShrink: 0 }}>
              {format.relative(notification.createdAt)}
            </Text>
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {notification.body}
          </Text>
        </Box>
      </Group>
    </UnstyledButton>
  );
}
