import { describe, expect, it } from 'vitest';
import { walletPart } from './wallet-part';

const euros = (minor: number) => ({ amountMinor: String(minor), currency: 'EUR' });

describe('what a wallet gives', () => {
  it.each([
    [999, undefined, 0, 999],
    [999, euros(0), 0, 999],
    [999, euros(500), 500, 499],
    [999, euros(999), 999, 0],
    [999, euros(5_000), 999, 0],
    [999, { amountMinor: '5000', currency: 'USD' }, 0, 999],
  ])('of %i with %o is %i, and %i is left', (price, available, fromWallet, rest) => {
    expect(walletPart(euros(price), available)).toEqual({ fromWallet: euros(fromWallet), rest: euros(rest) });
  });
});
