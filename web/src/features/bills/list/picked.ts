import { toPay } from '@/entities/bill/state';
import { MOST_BILLS } from '@/features/payments/pay/pay-search';
import type { MoneyValue } from '@/shared/lib/money';

export interface Pickable {
  readonly id: string;
  readonly amount: MoneyValue;
  readonly remaining: MoneyValue;
  readonly beingPaid: MoneyValue;
}

/** Adds a bill to those picked, or takes it out. Bills of two currencies, or too many, cannot be paid at once. */
export function pick<Bill extends Pickable>(picked: readonly Bill[], bill: Bill, chosen: boolean): readonly Bill[] {
  const others = picked.filter(({ id }) => id !== bill.id);
  if (!chosen) return others;
  const [first] = others;
  if (first && first.amount.currency !== bill.amount.currency) return picked;
  return others.length >= MOST_BILLS ? picked : [...others, bill];
}

/** What is left to pay of those picked; nothing when none is. */
export function leftOf(picked: readonly Pickable[]): MoneyValue | undefined {
  const [first] = picked;
  if (!first) return undefined;
  const sum = picked.reduce((total, bill) => total + BigInt(toPay(bill).amountMinor), 0n);
  return { amountMinor: String(sum), currency: first.amount.currency };
}
