import { type MoneyValue, parseMinor } from '@/shared/lib/money';

/** What may be paid of a bill, as the server says. */
export interface Quote {
  readonly payable: boolean;
  readonly suggested: MoneyValue;
  readonly min: MoneyValue;
  readonly max: MoneyValue;
  readonly multiple: MoneyValue | null;
}

/** Whether there is anything to choose: a field that takes one answer is no field. */
export const choosable = ({ payable, min, max }: Quote): boolean =>
  payable && BigInt(min.amountMinor) < BigInt(max.amountMinor);

export type AmountProblem = 'unreadable' | 'tooLittle' | 'tooMuch' | 'notAMultiple';

/** Reads a typed amount against a quote. The server decides; this answers while a person types. */
export function readAmount(
  text: string,
  quote: Quote,
): { readonly amountMinor: string } | { readonly problem: AmountProblem } {
  const minor = parseMinor(text, quote.suggested.currency);
  if (minor === undefined) return { problem: 'unreadable' };
  const amount = BigInt(minor);
  if (amount <= 0n || amount < BigInt(quote.min.amountMinor)) return { problem: 'tooLittle' };
  if (amount > BigInt(quote.max.amountMinor)) return { problem: 'tooMuch' };
  const step = BigInt(quote.multiple?.amountMinor ?? '1');
  if (step > 1n && amount % step !== 0n) return { problem: 'notAMultiple' };
  return { amountMinor: minor };
}
