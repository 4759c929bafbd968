import { describe, expect, it } from 'vitest';
import { paymentFilter, readPaymentSearch } from './payment-search';
import { periodDays } from './period';

describe('the filter of payments', () => {
  it('keeps what it knows and drops the rest', () => {
    expect(readPaymentSearch({ status: 'FAILED', type: 'GAS', provider: 'prov_1', period: 'YEAR', x: 1 })).toEqual({
      status: 'FAILED',
      type: 'GAS',
      provider: 'prov_1',
      period: 'YEAR',
    });
    expect(readPaymentSearch({ status: 'LOST', type: 'COAL', period: 'DECADE', provider: '' })).toEqual({});
  });

  it('asks for whole calendar periods, today included', () => {
    expect(periodDays('MONTH', '2026-11-21')).toEqual({ from: '2026-11-01', to: '2026-11-21' });
    expect(periodDays('QUARTER', '2026-01-15')).toEqual({ from: '2025-11-01', to: '2026-01-15' });
    expect(periodDays('YEAR', '2026-11-21')).toEqual({ from: '2026-01-01', to: '2026-11-21' });
    expect(periodDays('LAST_YEAR', '2026-11-21')).toEqual({ from: '2025-01-01', to: '2025-12-31' });
    expect(paymentFilter({ period: 'MONTH' }, '2026-11-21')).toMatchObject({ from: '2026-11-01', status: null });
  });
});
