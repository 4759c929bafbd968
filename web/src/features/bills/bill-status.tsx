import { IconAlertTriangle, IconBan, IconCircleCheck, IconClock, IconReplace } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Enum } from '@/shared/graphql/graphql';
import { Status } from '@/shared/ui/status';

interface Props {
  readonly status: Enum<'BillStatus'>;
  readonly overdue: boolean;
  readonly daysUntilDue: number | null;
}

const SOON_DAYS = 3;

export function BillStatus({ status, overdue, daysUntilDue }: Props) {
  const { t } = useTranslation();
  switch (status) {
    case 'OPEN':
      if (overdue)
        return (
          <Status icon={IconAlertTriangle} color="coral">
            {t('enums.billStatus.OVERDUE')}
          </Status>
        );
      return (
        <Status icon={IconClock} color={daysUntilDue !== null && daysUntilDue <= SOON_DAYS ? 'orange' : 'tide'}>
          {t('enums.billStatus.OPEN')}
        </Status>
      );
    case 'PAID':
    case 'PAID_ELSEWHERE':
      return (
        <Status icon={IconCircleCheck} color="teal">
          {t(`enums.billStatus.${status}`)}
        </Status>
      );
    case 'VOIDED':
      return (
        <Status icon={IconBan} color="gray">
          {t('enums.billStatus.VOIDED')}
        </Status>
      );
    case 'SUPERSEDED':
      return (
        <Status icon={IconReplace} color="gray">
          {t('enums.billStatus.SUPERSEDED')}
        </Status>
      );
    default:
      return (
        <Status icon={IconClock} color="gray">
          {t('common.unknown')}
        </Status>
      );
  }
}
