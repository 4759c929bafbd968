import type { MoneyValue } from '@/shared/lib/money';

/** What a wallet gives of a price, and what is left to be paid otherwise. */
export function walletPart(
  price: MoneyValue,
  available: MoneyValue | undefined,
): { fromWallet: MoneyValue; rest: MoneyValue } {
  const whole = BigInt(price.amountMinor);
  const has = available && available.currency === price.currency ? BigInt(available.amountMinor) : 0n;
  const part = has <= 0n ? 0n : has < whole ? has : whole;
  const money = (amount: bigint): MoneyValue => ({ amountMinor: String(amount), currency: price.currency });
  return { fromWallet: money(part), rest: money(whole - part) };
}
