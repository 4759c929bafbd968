import { describe, expect, it } from 'vitest';
import { billIds, payBillsSearch, readPaySearch } from './pay-search';

const A = 'bill_01h2e8kqvbfwea724h75qc655w';
const B = 'bill_01h2e8kqvbfwea724h75qc656x';

describe('the address of a payment', () => {
  it('names each bill once and drops what is no bill', () => {
    expect(readPaySearch({ bills: `${A}.${B}.${A}.acct_1.` })).toEqual({ bills: `${A}.${B}` });
    expect(billIds(payBillsSearch([A, B]).bills)).toEqual([A, B]);
  });

  it('knows "everything in euros", and nothing else by that name', () => {
    expect(readPaySearch({ all: 'EUR' })).toEqual({ all: 'EUR' });
    expect(readPaySearch({ all: 'euro' })).toEqual({});
    expect(readPaySearch({ bills: 7 })).toEqual({});
  });
});
