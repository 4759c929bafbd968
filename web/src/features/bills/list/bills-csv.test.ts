import { describe, expect, it } from 'vitest';
import { billsCsv } from './bills-csv';

const columns = {
  number: 'Number',
  provider: 'Provider',
  type: 'Type',
  account: 'Account',
  home: 'Home',
  issuedOn: 'Issued',
  dueOn: 'Due',
  amount: 'Amount',
  left: 'Left',
  beingPaid: 'Being paid',
  currency: 'Currency',
  status: 'Status',
};

describe('billsCsv', () => {
  it('writes one row per bill, in plain numbers and dates', () => {
    const bill = {
      number: 'E-2026-11',
      issuedOn: '2026-11-10',
      dueOn: null,
      amount: { amountMinor: '123456', currency: 'EUR' },
      remaining: { amountMinor: '120000', currency: 'EUR' },
      beingPaid: { amountMinor: '5000', currency: 'EUR' },
      provider: { name: 'Volt, Ltd' },
      utilityAccount: { label: 'Flat' },
      property: null,
    };
    const csv = billsCsv([bill], { columns, status: () => 'Open', type: () => 'Electricity' });
    expect(csv).toBe(
      'Number,Provider,Type,Account,Home,Issued,Due,Amount,Left,Being paid,Currency,Status\r\n' +
        'E-2026-11,"Volt, Ltd",Electricity,Flat,,2026-11-10,,1234.56,1200.00,50.00,EUR,Open\r\n',
    );
  });
});
