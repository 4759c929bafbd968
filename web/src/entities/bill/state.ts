import type { Enum } from '@/shared/graphql/graphql';
import type { MoneyValue } from '@/shared/lib/money';

interface BillState {
  readonly status: Enum<'BillStatus'>;
  readonly overdue: boolean;
  readonly remaining: MoneyValue;
  readonly beingPaid: MoneyValue;
}

/** What is to be paid now: what is left without what a payment under way covers. */
export function toPay({ remaining, beingPaid }: Pick<BillState, 'remaining' | 'beingPaid'>): MoneyValue {
  const minor = BigInt(remaining.amountMinor) - BigInt(beingPaid.amountMinor);
  return { ...remaining, amountMinor: String(minor > 0n ? minor : 0n) };
}

/** The state of a bill as people see it: one that a payment under way covers is being paid, and not overdue. */
export function stateOf(bill: BillState): Enum<'BillStatus'> | 'OVERDUE' | 'BEING_PAID' {
  if (bill.status !== 'OPEN') return bill.status;
  if (BigInt(bill.beingPaid.amountMinor) > 0n && toPay(bill).amountMinor === '0') return 'BEING_PAID';
  return bill.overdue ? 'OVERDUE' : 'OPEN';
}
