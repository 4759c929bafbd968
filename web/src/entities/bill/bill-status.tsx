import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconClock,
  IconHistory,
  IconProgressCheck,
  IconReceiptRefund,
  IconReplace,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Status } from '@/shared/ui/status';
import { stateOf } from './state';

type Props = Parameters<typeof stateOf>[0] & { readonly daysUntilDue: number | null };

const SOON_DAYS = 3;

export function BillStatus({ daysUntilDue, ...bill }: Props) {
  const { t } = useTranslation();
  const status = stateOf(bill);
  switch (status) {
    case 'OVERDUE':
      return (
        <Status icon={IconAlertTriangle} color="coral">
          {t('enums.billStatus.OVERDUE')}
        </Status>
      );
    case 'BEING_PAID':
      return (
        <Status icon={IconProgressCheck} color="grape">
          {t('enums.billStatus.BEING_PAID')}
        </Status>
      );
    case 'OPEN':
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
    case 'HISTORY':
      return (
        <Status icon={IconHistory} color="gray">
          {t('enums.billStatus.HISTORY')}
        </Status>
      );
    case 'CREDIT':
      return (
        <Status icon={IconReceiptRefund} color="teal">
          {t('enums.billStatus.CREDIT')}
        </Status>
      );
    case 'NOTHING_DUE':
      return (
        <Status icon={IconCircleCheck} color="gray">
          {t('enums.billStatus.NOTHING_DUE')}
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
