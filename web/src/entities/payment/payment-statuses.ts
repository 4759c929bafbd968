import type { Enum } from '@/shared/graphql/graphql';

export type PaymentStatus = Enum<'PaymentStatus'>;

export const paymentStatuses: readonly PaymentStatus[] = [
  'PENDING',
  'PROCESSING',
  'REQUIRES_ACTION',
  'UNKNOWN',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
];
