import { describe, expect, it } from 'vitest';
import { stateOf, toPay } from './state';

const eur = (minor: number) => ({ amountMinor: String(minor), currency: 'EUR' });
const bill = (remaining: number, beingPaid: number, overdue = false) =>
  ({ status: 'OPEN', overdue, remaining: eur(remaining), beingPaid: eur(beingPaid) }) as const;

describe('the state of a bill', () => {
  it('is that it is being paid where a payment under way covers all that is left', () => {
    expect(stateOf(bill(1_000, 1_000, true))).toBe('BEING_PAID');
    expect(stateOf(bill(1_000, 400, true))).toBe('OVERDUE');
    expect(stateOf(bill(1_000, 400))).toBe('OPEN');
    expect(stateOf({ ...bill(0, 0), status: 'PAID' })).toBe('PAID');
  });

  it('names what is to be paid now', () => {
    expect(toPay(bill(1_000, 400))).toEqual(eur(600));
    expect(toPay(bill(1_000, 1_200))).toEqual(eur(0));
  });
});
