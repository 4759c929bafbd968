import { IconBan, IconCircleCheck, IconHelpCircle, IconProgressCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Enum } from '@/shared/graphql/graphql';
import { Status } from '@/shared/ui/status';

const looks = {
  PENDING: { icon: IconProgressCheck, color: 'grape' },
  PAID: { icon: IconCircleCheck, color: 'teal' },
  CANCELLED: { icon: IconBan, color: 'gray' },
} as const satisfies Record<Enum<'RechargeStatus'>, unknown>;

/** Where a recharge stands. */
export function RechargeStatus({ status }: { readonly status: Enum<'RechargeStatus'> }) {
  const { t } = useTranslation();
  const { icon, color } = looks[status] ?? { icon: IconHelpCircle, color: 'gray' };
  return (
    <Status icon={icon} color={color}>
      {t(`enums.rechargeStatus.${status}`)}
    </Status>
  );
}
