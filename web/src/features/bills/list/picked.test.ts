import { describe, expect, it } from 'vitest';
import { leftOf, type Pickable, pick } from './picked';

const bill = (id: string, remaining: number, beingPaid = 0, currency = 'EUR'): Pickable => ({
  id,
  amount: { amountMinor: '9999', currency },
  remaining: { amountMinor: String(remaining), currency },
  beingPaid: { amountMinor: String(beingPaid), currency },
});

describe('bills picked to be paid together', () => {
  it('are each there once and can be taken out', () => {
    const a = bill('a', 1000);
    const both = pick(pick(pick([], a, true), a, true), bill('b', 500), true);
    expect(both.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(pick(both, a, false).map(({ id }) => id)).toEqual(['b']);
  });

  it('are of one currency', () => {
    const euros = pick([], bill('a', 1000), true);
    expect(pick(euros, bill('p', 900, 0, 'GBP'), true)).toEqual(euros);
  });

  it('add up to what is left of them', () => {
    expect(leftOf([])).toBeUndefined();
    expect(leftOf([bill('a', 1000, 400), bill('b', 500), bill('c', 100, 200)])).toEqual({
      amountMinor: '1100',
      currency: 'EUR',
    });
  });
});
