import { type PaymentStatus, paymentStatuses } from '@/entities/payment/payment-statuses';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';
import { type Period, periodDays, periods } from './period';

/** The filter of the payments page, kept in the address. */
export interface PaymentSearch {
  readonly status?: PaymentStatus;
  readonly type?: UtilityType;
  readonly provider?: string;
  readonly period?: Period;
}

export function readPaymentSearch(search: Record<string, unknown>): PaymentSearch {
  const status = paymentStatuses.find((known) => known === search.status);
  const type = utilityTypes.find((known) => known === search.type);
  const period = periods.find((known) => known === search.period);
  const provider = typeof search.provider === 'string' && search.provider !== '' ? search.provider : undefined;
  return {
    ...(status ? { status } : {}),
    ...(type ? { type } : {}),
    ...(provider ? { provider } : {}),
    ...(period ? { period } : {}),
  };
}

export function paymentFilter({ status, type, provider, period }: PaymentSearch, today: string) {
  const days = period ? periodDays(period, today) : undefined;
  return {
    status: status ?? null,
    utilityType: type ?? null,
    providerId: provider ?? null,
    from: days?.from ?? null,
    to: days?.to ?? null,
  } as const;
}
