import { describe, expect, it } from 'vitest';
import { type ListedPayment, matchesPaymentFilter, placeOfPayment } from './payment-lists';

const payment: ListedPayment = {
  id: 'pay_1',
  kind: 'BILLS',
  status: 'SUCCEEDED',
  createdAt: '2026-11-20T10:00:00Z',
  customerId: 'cust_1',
  allocations: [
    { utilityType: 'GAS', providerId: 'prov_g', billId: 'bill_g', propertyId: 'prop_1' },
    { utilityType: 'WATER', providerId: 'prov_w', billId: 'bill_w', propertyId: 'prop_2' },
  ],
};

describe('a payment among lists', () => {
  it('belongs where every part of the filter fits', () => {
    expect(matchesPaymentFilter(payment, null)).toBe(true);
    expect(matchesPaymentFilter(payment, { status: 'SUCCEEDED', utilityType: 'GAS', from: '2026-11-01' })).toBe(true);
    expect(matchesPaymentFilter(payment, { status: 'FAILED' })).toBe(false);
    expect(matchesPaymentFilter(payment, { to: '2026-11-19' })).toBe(false);
    expect(matchesPaymentFilter(payment, { customerId: 'cust_2' })).toBe(false);
  });

  it('asks one allocation for all that is said about allocations', () => {
    expect(matchesPaymentFilter(payment, { utilityType: 'GAS', providerId: 'prov_g' })).toBe(true);
    expect(matchesPaymentFilter(payment, { utilityType: 'GAS', providerId: 'prov_w' })).toBe(false);
  });

  it('stands where its age puts it', () => {
    const listed = [{ createdAt: '2026-11-21T00:00:00Z' }, { createdAt: '2026-11-19T00:00:00.000Z' }];
    expect(placeOfPayment(payment, listed)).toBe(1);
    expect(placeOfPayment({ createdAt: '2026-11-22T00:00:00Z' }, listed)).toBe(0);
    expect(placeOfPayment({ createdAt: '2026-01-01T00:00:00Z' }, listed)).toBe(2);
  });
});
