import type { Enum } from '@/shared/graphql/graphql';

export type Stage = 'sent' | 'paid' | 'confirmed';
export type StageState = 'done' | 'active' | 'waiting' | 'failed';

export interface Progress {
  readonly stage: Stage;
  readonly state: StageState;
}

interface PaymentFacts {
  readonly kind: Enum<'PaymentKind'>;
  readonly status: Enum<'PaymentStatus'>;
  readonly remittances: readonly (Enum<'RemittanceStatus'> | null)[];
}

const UNDER_WAY: ReadonlySet<string> = new Set(['PENDING', 'PROCESSING', 'REQUIRES_ACTION', 'UNKNOWN']);

/** Whether more is to come without anybody paying again. */
export const underWay = (status: string): boolean => UNDER_WAY.has(status);

/**
 * How far a payment has come, in the three steps a person thinks in: sent, paid, confirmed by the provider. Money for
 * the wallet has no provider, so it has two.
 */
export function progressOf({ kind, status, remittances }: PaymentFacts): Progress[] {
  const failed = status === 'FAILED' || status === 'CANCELLED';
  const paid = status === 'SUCCEEDED';
  const steps: Progress[] = [
    { stage: 'sent', state: paid || failed ? 'done' : 'active' },
    { stage: 'paid', state: paid ? 'done' : failed ? 'failed' : 'waiting' },
  ];
  if (kind === 'BILLS') steps.push({ stage: 'confirmed', state: paid ? confirmation(remittances) : 'waiting' });
  return failed ? steps.filter(({ stage }) => stage !== 'confirmed') : steps;
}

function confirmation(remittances: PaymentFacts['remittances']): StageState {
  if (remittances.some((status) => status === 'REJECTED')) return 'failed';
  if (remittances.length > 0 && remittances.every((status) => status === 'CONFIRMED')) return 'done';
  return 'active';
}
