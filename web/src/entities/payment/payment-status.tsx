import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconClock,
  IconHelpCircle,
  IconLoader2,
  IconReceiptRefund,
  IconShieldCheck,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Enum } from '@/shared/graphql/graphql';
import type { MoneyValue } from '@/shared/lib/money';
import { Status } from '@/shared/ui/status';

export const paymentLooks = {
  PENDING: { icon: IconClock, color: 'tide' },
  PROCESSING: { icon: IconLoader2, color: 'tide' },
  REQUIRES_ACTION: { icon: IconShieldCheck, color: 'orange' },
  UNKNOWN: { icon: IconHelpCircle, color: 'orange' },
  SUCCEEDED: { icon: IconCircleCheck, color: 'teal' },
  FAILED: { icon: IconAlertTriangle, color: 'coral' },
  CANCELLED: { icon: IconBan, color: 'gray' },
} as const satisfies Record<Enum<'PaymentStatus'>, unknown>;

interface Props {
  readonly status: Enum<'PaymentStatus'>;
  readonly amount: MoneyValue;
  readonly refunded: MoneyValue;
}

/** Where a payment stands; money that came back is what people look for then. */
export function PaymentStatus({ status, amount, refunded }: Props) {
  const { t } = useTranslation();
  const back = BigInt(refunded.amountMinor);
  if (status === 'SUCCEEDED' && back > 0n) {
    return (
      <Status icon={IconReceiptRefund} color="violet">
        {back >= BigInt(amount.amountMinor) ? t('payments.refunded') : t('payments.partlyRefunded')}
      </Status>
    );
  }
  const { icon, color } = paymentLooks[status] ?? { icon: IconHelpCircle, color: 'gray' };
  return (
    <Status icon={icon} color={color}>
      {t(`enums.paymentStatus.${status}`)}
    </Status>
  );
}

export const remittanceLooks = {
  QUEUED: { icon: IconClock, color: 'tide' },
  SENT: { icon: IconLoader2, color: 'tide' },
  UNKNOWN: { icon: IconHelpCircle, color: 'orange' },
  MANUAL: { icon: IconClock, color: 'tide' },
  CONFIRMED: { icon: IconCircleCheck, color: 'teal' },
  REJECTED: { icon: IconAlertTriangle, color: 'coral' },
} as const satisfies Record<Enum<'RemittanceStatus'>, unknown>;

/** How far a provider has got with its part. */
export function RemittanceStatus({ status }: { readonly status: Enum<'RemittanceStatus'> }) {
  const { t } = useTranslation();
  const { icon, color } = remittanceLooks[status] ?? { icon: IconHelpCircle, color: 'gray' };
  return (
    <Status icon={icon} color={color}>
      {t(`enums.remittanceStatus.${status}`)}
    </Status>
  );
}

export const refundLooks = {
  PENDING: { icon: IconClock, color: 'tide' },
  UNKNOWN: { icon: IconHelpCircle, color: 'orange' },
  SUCCEEDED: { icon: IconCircleCheck, color: 'teal' },
  FAILED: { icon: IconAlertTriangle, color: 'coral' },
} as const satisfies Record<Enum<'RefundStatus'>, unknown>;

export function RefundStatus({ status }: { readonly status: Enum<'RefundStatus'> }) {
  const { t } = useTranslation();
  const { icon, color } = refundLooks[status] ?? { icon: IconHelpCircle, color: 'gray' };
  return (
    <Status icon={icon} color={color}>
      {t(`enums.refundStatus.${status}`)}
    </Status>
  );
}
