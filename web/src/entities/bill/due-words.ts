import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { isPositive, type MoneyValue } from '@/shared/lib/money';
import { toPay } from './state';

interface Due {
  readonly status: string;
  readonly dueOn: string | null;
  readonly daysUntilDue: number | null;
  readonly overdue: boolean;
  readonly remaining: MoneyValue;
  readonly beingPaid: MoneyValue;
}

const NEAR_DAYS = 10;

/** When an open bill is due, as a person would say it; undefined when there is nothing to pay now or no date. */
export function useDueWords({ status, dueOn, daysUntilDue, overdue, remaining, beingPaid }: Due): string | undefined {
  const { t } = useTranslation();
  const format = useFormat();
  if (status !== 'OPEN' || dueOn === null || !isPositive(toPay({ remaining, beingPaid }))) return undefined;
  if (overdue) return t('bills.wasDue', { when: format.day(dueOn) });
  if (daysUntilDue !== null && daysUntilDue <= NEAR_DAYS)
    return t('bills.due', { when: format.daysAway(daysUntilDue) });
  return t('bills.due', { when: format.day(dueOn) });
}
