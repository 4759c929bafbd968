import { describe, expect, it } from 'vitest';
import { type ListedBill, matchesFilter, placeOf } from './bill-lists';

const bill: ListedBill = {
  id: 'bill_1',
  status: 'OPEN',
  issuedOn: '2026-11-10',
  dueOn: '2026-11-24',
  overdue: false,
  remaining: 1_000n,
  beingPaid: 0n,
  utilityType: 'GAS',
  providerId: 'prov_1',
  propertyId: 'prop_1',
  utilityAccountId: 'acct_1',
};

describe('matchesFilter', () => {
  it('tells what is to be paid from what is being paid', () => {
    const whole = { ...bill, overdue: true, beingPaid: 1_000n };
    const lists = (one: ListedBill) => ['OPEN', 'BEING_PAID', 'PAID'].filter((state) => matchesFilter(one, { state }));
    expect(lists(bill)).toEqual(['OPEN']);
    expect(lists(whole)).toEqual(['BEING_PAID']);
    expect(lists({ ...bill, beingPaid: 400n })).toEqual(['OPEN', 'BEING_PAID']);
    expect(lists({ ...bill, remaining: 0n })).toEqual([]);
  });

  it('lets every bill into an unfiltered list', () => {
    expect(matchesFilter(bill, undefined)).toBe(true);
    expect(matchesFilter(bill, { state: 'ALL', propertyId: null })).toBe(true);
  });

  it.each([
    [{ propertyId: 'prop_2' }],
    [{ utilityAccountId: 'acct_2' }],
    [{ providerId: 'prov_2' }],
    [{ utilityType: 'WATER' }],
    [{ issuedFrom: '2026-11-11' }],
    [{ issuedTo: '2026-11-09' }],
    [{ state: 'OVERDUE' }],
    [{ state: 'PAID' }],
  ])('keeps it out of a list filtered by %o', (filter) => {
    expect(matchesFilter(bill, filter)).toBe(false);
  });

  it('takes the first and the last day of a range as inside', () => {
    expect(matchesFilter(bill, { issuedFrom: '2026-11-10', issuedTo: '2026-11-10' })).toBe(true);
  });

  it('counts an overdue bill among the open ones too, and a bill paid elsewhere among the paid', () => {
    expect(matchesFilter({ ...bill, overdue: true }, { state: 'OPEN' })).toBe(true);
    expect(matchesFilter({ ...bill, overdue: true }, { state: 'OVERDUE' })).toBe(true);
    expect(matchesFilter({ ...bill, status: 'PAID_ELSEWHERE' }, { state: 'PAID' })).toBe(true);
    expect(matchesFilter({ ...bill, status: 'VOIDED', overdue: true }, { state: 'OVERDUE' })).toBe(false);
  });
});

describe('placeOf', () => {
  const listed = [
    { issuedOn: '2026-11-20', dueOn: '2026-11-22' },
    { issuedOn: '2026-11-05', dueOn: '2026-11-30' },
    { issuedOn: '2026-11-01', dueOn: null },
  ];

  it('puts the newest first', () => {
    expect(placeOf({ issuedOn: '2026-11-21', dueOn: null }, listed, 'NEWEST')).toBe(0);
    expect(placeOf(bill, listed, undefined)).toBe(1);
    expect(placeOf({ issuedOn: '2026-10-01', dueOn: null }, listed, 'NEWEST')).toBe(3);
  });

  it('puts the soonest due first and bills without a due date last', () => {
    expect(placeOf(bill, listed, 'DUE_DATE')).toBe(1);
    expect(placeOf({ issuedOn: '2026-11-21', dueOn: '2026-12-31' }, listed, 'DUE_DATE')).toBe(2);
    expect(placeOf({ issuedOn: '2026-11-21', dueOn: null }, listed, 'DUE_DATE')).toBe(3);
  });
});
