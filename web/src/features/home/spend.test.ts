import { describe, expect, it } from 'vitest';
import { type SpendPoint, spendTable } from './spend';

const eur = (amountMinor: string) => ({ amountMinor, currency: 'EUR' });

const points: SpendPoint[] = [
  { month: '2026-09-01', utilityType: 'GAS', total: eur('1000') },
  { month: '2026-11-01', utilityType: 'GAS', total: eur('2000') },
  { month: '2026-11-01', utilityType: 'ELECTRICITY', total: eur('3000') },
  { month: '2026-11-01', utilityType: 'GAS', total: { amountMinor: '9', currency: 'INR' } },
];
const months = ['2026-09-01', '2026-10-01', '2026-11-01'];

describe('spendTable', () => {
  it('has a row for every month, and sums of one currency only', () => {
    const table = spendTable(points, months, 'EUR');
    expect(table.rows.map(({ total }) => total)).toEqual(['1000', '0', '5000']);
    expect(table.types).toEqual(['ELECTRICITY', 'GAS']);
  });

  it('averages over the months that had a bill', () => {
    expect(spendTable(points, months, 'EUR').average).toBe('3000');
    expect(spendTable([], months, 'EUR').average).toBe('0');
  });
});
