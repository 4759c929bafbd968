import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconClock, IconPlayerPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Enum } from '@/shared/graphql/graphql';
import { Status } from '@/shared/ui/status';

const looks = {
  PENDING: { icon: IconClock, color: 'gray' },
  ACTIVE: { icon: IconCircleCheck, color: 'teal' },
  NEEDS_ATTENTION: { icon: IconAlertTriangle, color: 'coral' },
  PAUSED: { icon: IconPlayerPause, color: 'gray' },
  CLOSED: { icon: IconCircleX, color: 'gray' },
} as const satisfies Record<Enum<'AccountStatus'>, unknown>;

export function AccountStatus({ status }: { readonly status: Enum<'AccountStatus'> }) {
  const { t } = useTranslation();
  const look = looks[status];
  if (!look) return null;
  return (
    <Status icon={look.icon} color={look.color}>
      {t(`enums.accountStatus.${status}`)}
    </Status>
  );
}
