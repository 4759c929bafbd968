import { describe, expect, it } from 'vitest';
import { choosable, type Quote, readAmount } from './amount-rule';

const eur = (minor: number) => ({ amountMinor: String(minor), currency: 'EUR' });
const quote = (min: number, max: number, multiple: number | null = null): Quote => ({
  payable: true,
  suggested: eur(max),
  min: eur(min),
  max: eur(max),
  multiple: multiple === null ? null : eur(multiple),
});

describe('the amount of a bill', () => {
  it('is a choice only where there is a range', () => {
    expect(choosable(quote(4990, 4990))).toBe(false);
    expect(choosable(quote(1, 4990))).toBe(true);
    expect(choosable({ ...quote(1, 4990), payable: false })).toBe(false);
  });

  it('takes both decimal marks and refuses what is outside the range', () => {
    expect(readAmount('10,50', quote(100, 4990))).toEqual({ amountMinor: '1050' });
    expect(readAmount('10.5', quote(100, 4990))).toEqual({ amountMinor: '1050' });
    expect(readAmount('0.99', quote(100, 4990))).toEqual({ problem: 'tooLittle' });
    expect(readAmount('0', quote(0, 4990))).toEqual({ problem: 'tooLittle' });
    expect(readAmount('49.91', quote(100, 4990))).toEqual({ problem: 'tooMuch' });
    expect(readAmount('10.505', quote(100, 4990))).toEqual({ problem: 'unreadable' });
    expect(readAmount('all', quote(100, 4990))).toEqual({ problem: 'unreadable' });
  });

  it('keeps to the step a provider asks for', () => {
    expect(readAmount('15', quote(500, 50_000, 500))).toEqual({ amountMinor: '1500' });
    expect(readAmount('12.50', quote(500, 50_000, 500))).toEqual({ problem: 'notAMultiple' });
  });
});
